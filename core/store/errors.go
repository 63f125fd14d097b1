package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/CCI-MOC/haas/core"
)

// rule is what the breach of a constraint means to the caller.
type rule struct {
	// columns are how SQLite names a unique constraint; PostgreSQL names the constraint itself.
	columns string
	kind    core.Kind
	text    string
}

// rules are the unique constraints by name. A foreign key needs no entry: see blocked.
var rules = map[string]rule{
	"project_label_is_unique":                   {"projects.label", core.Duplicate, "a project with this name exists"},
	"user_label_is_unique":                      {"users.label", core.Duplicate, "a user with this name exists"},
	"membership_is_unique":                      {"user_projects.user_id, user_projects.project_id", core.Duplicate, "the user is a member already"},
	"node_label_is_unique":                      {"nodes.label", core.Duplicate, "a node with this name exists"},
	"switch_label_is_unique":                    {"switches.label", core.Duplicate, "a switch with this name exists"},
	"port_label_is_unique_per_switch":           {"ports.switch_id, ports.label", core.Duplicate, "the switch has a port with this name"},
	"device_port_is_registered_once_per_switch": {"ports.switch_id, ports.device_name", core.Duplicate, "the port is registered under another spelling"},
	"nic_label_is_unique_per_node":              {"nics.node_id, nics.label", core.Duplicate, "the node has a NIC with this name"},
	"port_has_one_nic":                          {"nics.port_id", core.Duplicate, "the port has a NIC already"},
	"network_label_is_unique":                   {"networks.label", core.Duplicate, "a network with this name exists"},
	"vlan_is_on_one_live_network":               {"networks.vlan", core.Duplicate, "the VLAN is in use by another network"},
	"access_is_granted_once":                    {"network_accesses.network_id, network_accesses.project_id", core.Duplicate, "the project has access already"},
	"network_is_on_nic_once":                    {"attachments.nic_id, attachments.network_id", core.Blocked, "the NIC is on this network already"},
	"channel_carries_one_network":               {"attachments.nic_id, attachments.channel", core.Blocked, "the channel carries a network already"},
	"nic_has_one_pending_action":                {"actions.nic_id", core.Blocked, "the NIC has a pending action; wait until it has ended"},
	"headnode_label_is_unique":                  {"headnodes.label", core.Duplicate, "a headnode with this name exists"},
	"hnic_label_is_unique_per_headnode":         {"hnics.headnode_id, hnics.label", core.Duplicate, "the headnode has a NIC with this name"},
}

// PostgreSQL's codes (SQLSTATE) that mean something to us.
const (
	pgUnique        = "23505"
	pgForeignKey    = "23503"
	pgSerialisation = "40001"
	pgDeadlock      = "40P01"
	pgReadOnly      = "25006"
)

// SQLite's result codes that mean something to us.
const (
	liteBusy       = 5
	liteReadOnly   = 8
	liteIOError    = 10
	liteFull       = 13
	liteCantOpen   = 14
	liteUnique     = 2067
	litePrimaryKey = 1555
	liteForeignKey = 787
)

// translate turns the database's errors into core's. What is left is internal.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if unreachable(err) {
		return unavailable("the database cannot be reached now; try again", err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return translatePostgres(e)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return translateSQLite(e)
	}
	return err
}

func translatePostgres(e *pgconn.PgError) error {
	switch {
	case e.Code == pgUnique:
		return breach(rules[e.ConstraintName], e)
	case e.Code == pgForeignKey:
		return blocked()
	case e.Code == pgReadOnly:
		return unavailable("the database is read-only; nothing was changed", e)
	case strings.HasPrefix(e.Code, "08"), strings.HasPrefix(e.Code, "57P"), strings.HasPrefix(e.Code, "53"):
		return unavailable("the database cannot serve now; try again", e)
	}
	return e
}

func translateSQLite(e *sqlite.Error) error {
	switch code := e.Code(); code {
	case liteUnique, litePrimaryKey:
		return breach(ruleByColumns(e.Error()), e)
	case liteForeignKey:
		return blocked()
	default:
		return translateSQLiteClass(code&0xff, e)
	}
}

func translateSQLiteClass(class int, e *sqlite.Error) error {
	switch class {
	case liteReadOnly:
		return unavailable("the database is read-only; nothing was changed", e)
	case liteBusy, liteIOError, liteFull, liteCantOpen:
		return unavailable("the database cannot serve now; try again", e)
	}
	return e
}

func ruleByColumns(text string) rule {
	for _, r := range rules {
		if strings.Contains(text, "failed: "+r.columns+" (") {
			return r
		}
	}
	return rule{}
}

func breach(r rule, err error) error {
	if r.text == "" {
		return err
	}
	return core.Errorf(r.kind, "%s", r.text)
}

// blocked is the answer to a delete of something that others hold on to, or a write that refers to something gone.
func blocked() error {
	return core.Errorf(core.Blocked, "something else refers to this object, or has just removed what it needs; look again")
}

// unavailable keeps the database's own words for the log; the caller is told the text alone.
func unavailable(text string, err error) error {
	return fmt.Errorf("%w: %w", core.Errorf(core.Unavailable, "%s", text), err)
}

func unreachable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return false
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	// A connection that was found to be closed before anything was sent has no error of its own.
	return errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone)
}

// lostToAnother reports whether the database gave the transaction up in favour of another one.
func lostToAnother(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == pgSerialisation || e.Code == pgDeadlock
	}
	return false
}
