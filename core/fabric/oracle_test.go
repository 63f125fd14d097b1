package fabric_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver of database/sql

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// eye reads the database beside the program, with statements of its own.
type eye struct {
	db *sql.DB
	// how gives a transaction one moment to look at; SQLite does without being told.
	how *sql.TxOptions
}

// openEye looks at the database of a URI.
func openEye(t testing.TB, uri string) eye {
	t.Helper()
	driver, source := "pgx", uri
	e := eye{how: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}}
	if path, ok := strings.CutPrefix(uri, "sqlite:///"); ok {
		driver, source, e.how = "sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(10000)", nil
	}
	db, err := sql.Open(driver, source)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	e.db = db
	return e
}

// truth is what the database says at one moment.
type truth struct {
	// live are the networks by VLAN, ports the ports by label.
	live  map[int]*liveNetwork
	ports map[string]*knownPort
}

type liveNetwork struct {
	id       int64
	public   bool
	projects []int64
}

type knownPort struct {
	// project has the node on the port, 0 if it is free or there is none.
	project          int64
	settled, pending bool
	// wants is what the port is to show once nothing is pending; noted are the VLANs that it may carry.
	wants netswitch.PortState
	noted []int
}

// look reads the truth.
func (e eye) look(ctx context.Context) (truth, error) {
	now := truth{live: map[int]*liveNetwork{}, ports: map[string]*knownPort{}}
	tx, err := e.db.BeginTx(ctx, e.how)
	if err != nil {
		return now, err
	}
	defer func() { _ = tx.Rollback() }()
	return now, errors.Join(
		each(ctx, tx, "SELECT w.vlan, w.id, w.public, COALESCE(a.project_id, 0) FROM networks w LEFT JOIN network_accesses a ON a.network_id = w.id", now.network),
		each(ctx, tx, "SELECT p.label, p.seen_gen >= p.wanted_gen, COALESCE(n.project_id, 0),"+
			" EXISTS (SELECT 1 FROM actions a WHERE a.nic_id = i.id AND a.status = 'PENDING')"+
			" FROM ports p LEFT JOIN nics i ON i.port_id = p.id LEFT JOIN nodes n ON n.id = i.node_id", now.port),
		each(ctx, tx, "SELECT p.label, a.channel, w.vlan FROM attachments a JOIN networks w ON w.id = a.network_id"+
			" JOIN nics i ON i.id = a.nic_id JOIN ports p ON p.id = i.port_id ORDER BY w.vlan", now.attachment),
		each(ctx, tx, "SELECT p.label, v.vlan FROM port_vlans v JOIN ports p ON p.id = v.port_id", now.note),
	)
}

// each calls row for each row of a query.
func each(ctx context.Context, tx *sql.Tx, query string, row func(scan func(...any) error) error) error {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (n truth) network(scan func(...any) error) error {
	var vlan int
	var project int64
	var w liveNetwork
	if err := scan(&vlan, &w.id, &w.public, &project); err != nil {
		return err
	}
	if n.live[vlan] == nil {
		n.live[vlan] = &w
	}
	n.live[vlan].projects = append(n.live[vlan].projects, project)
	return nil
}

func (n truth) port(scan func(...any) error) error {
	var label string
	var p knownPort
	err := scan(&label, &p.settled, &p.project, &p.pending)
	p.wants = netswitch.Closed(label)
	n.ports[label] = &p
	return err
}

func (n truth) attachment(scan func(...any) error) error {
	var label, channel string
	var vlan int
	if err := scan(&label, &channel, &vlan); err != nil {
		return err
	}
	wants := &n.ports[label].wants
	wants.Up = true
	if channel == core.NativeChannel {
		wants.Native = vlan
	} else {
		wants.Tagged = append(wants.Tagged, vlan)
	}
	return nil
}

func (n truth) note(scan func(...any) error) error {
	var label string
	var vlan int
	if err := scan(&label, &vlan); err != nil {
		return err
	}
	n.ports[label].noted = append(n.ports[label].noted, vlan)
	return nil
}

// judge holds the invariants against what one port carries. put are the networks that its VLANs were put there for.
func (n truth) judge(carried netswitch.PortState, put map[int]int64) error {
	port := n.ports[carried.Port]
	for _, v := range carried.VLANs() {
		switch live, ok := n.live[v]; {
		case !slices.Contains(port.noted, v):
			return fmt.Errorf("port %s carries VLAN %d without a note of it", carried.Port, v)
		case port.project == 0:
			return fmt.Errorf("port %s of a free node carries VLAN %d", carried.Port, v)
		case ok && live.id != put[v]:
			return fmt.Errorf("VLAN %d has a new network while port %s still carries it for another", v, carried.Port)
		case ok && !live.public && !slices.Contains(live.projects, port.project):
			return fmt.Errorf("port %s carries VLAN %d, which its project may not use", carried.Port, v)
		}
	}
	if port.settled && !carried.Equal(port.wants) {
		return fmt.Errorf("port %s is settled and shows %+v instead of %+v", carried.Port, carried, port.wants)
	}
	return nil
}

// owner is the ID of the network that has a VLAN, 0 if none has.
func (n truth) owner(vlan int) int64 {
	if w := n.live[vlan]; w != nil {
		return w.id
	}
	return 0
}

// unsettled is a port that something is left to do with, empty if there is none.
func (n truth) unsettled() string {
	for label, p := range n.ports {
		if p.pending || !p.settled {
			return label
		}
	}
	return ""
}
