package storetest

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver of database/sql

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// Eye reads the database beside the program, with statements of its own.
type Eye struct {
	db *sql.DB
	// how gives a transaction one moment to look at; SQLite does without being told.
	how *sql.TxOptions
}

// OpenEye looks at the database of a URI until the test ends.
func OpenEye(t testing.TB, uri string) Eye {
	t.Helper()
	driver, source := "pgx", uri
	e := Eye{how: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}}
	if path, ok := strings.CutPrefix(uri, "sqlite:///"); ok {
		driver, source, e.how = "sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(10000)", nil
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error("close the eye: ", err)
		}
	})
	e.db = db
	return e
}

// Look reads the truth.
func (e Eye) Look(ctx context.Context) (Truth, error) {
	now := Truth{live: map[int]*liveNetwork{}, ports: map[string]*knownPort{}}
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

func (n Truth) network(scan func(...any) error) error {
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

func (n Truth) port(scan func(...any) error) error {
	var label string
	var p knownPort
	err := scan(&label, &p.settled, &p.project, &p.pending)
	p.wants = netswitch.Closed(label)
	n.ports[label] = &p
	return err
}

func (n Truth) attachment(scan func(...any) error) error {
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

func (n Truth) note(scan func(...any) error) error {
	var label string
	var vlan int
	if err := scan(&label, &vlan); err != nil {
		return err
	}
	n.ports[label].noted = append(n.ports[label].noted, vlan)
	return nil
}
