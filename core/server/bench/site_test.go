package bench_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
)

const (
	// switches is how many switches a site has; its nodes are spread over them.
	switches = 10
	// networks is how many networks its project has.
	networks = 10
	// portsPerModule is below what mock switches take for a port number.
	portsPerModule = 900
	// chunk is how many rows an insert carries.
	chunk = 1000
	// The administrator who makes the requests.
	admin, password = "root", "secret"
	// The project that has every fourth node, and the ID that it gets.
	project   = "p1"
	projectID = 1
)

// site is a database with nodes of two NICs, both cabled. Every fourth node belongs to the project, and its first NIC
// is on a network.
type site struct {
	uri   string
	nodes int
	*store.Store
	// db is the store's database, for what the store has no call for: many rows at once.
	db *bun.DB
}

func newSite(b *testing.B, kind string, nodes int) *site {
	b.Helper()
	s := openSite(b, kind)
	s.nodes = nodes
	s.fillSwitches(b)
	s.fillNodes(b)
	s.analyse(b, kind)
	return s
}

// openSite is a site with the project and its networks alone.
func openSite(b *testing.B, kind string) *site {
	b.Helper()
	uri := storetest.URI(b, kind)
	s := &site{uri: uri, Store: storetest.OpenURI(b, uri)}
	must(b, s.Migrate(b.Context()))
	s.db = database(b, s.Store)
	s.fillProject(b)
	return s
}

// database is what is below a store.
func database(b *testing.B, s *store.Store) *bun.DB {
	b.Helper()
	var seen recorder
	get(s.WithHook(&seen).SwitchLabels(b.Context()))(b)
	return bun.NewDB(seen.db.DB, seen.db.Dialect())
}

func (s *site) fillProject(b *testing.B) {
	b.Helper()
	hash := get(auth.HashPassword(password))(b)
	must(b, s.CreateUser(b.Context(), core.User{Label: admin, IsAdmin: true, PasswordHash: hash}))
	must(b, s.CreateProject(b.Context(), project))
	for i := range networks {
		must(b, s.CreateNetwork(b.Context(), &core.Network{Label: networkLabel(i), OwnerID: projectID, VLAN: 100 + i, Allocated: true}))
	}
}

func (s *site) fillSwitches(b *testing.B) {
	b.Helper()
	for i := range switches {
		t := target(i)
		must(b, s.CreateSwitch(b.Context(), &core.Switch{Label: t.Name, Type: t.Type, Settings: core.Settings(t.Settings)}))
	}
}

// target is a mock switch.
func target(i int) sdk.Target {
	settings := fmt.Sprintf(`{"hostname": "host%d", "username": "u", "password": "p"}`, i)
	return sdk.Target{Name: fmt.Sprint("sw", i), Type: servertest.SwitchMock, Settings: sdk.Settings(settings)}
}

func (s *site) fillNodes(b *testing.B) {
	b.Helper()
	var nodes []core.Node
	var ports []core.Port
	var nics []core.NIC
	var attachments []core.Attachment
	for i := range s.nodes {
		n := core.Node{ID: int64(i + 1), Label: nodeLabel(i), OBMType: servertest.OBMMock, OBMSettings: "{}", OBMEnabled: true}
		if i%4 == 0 {
			n.ProjectID = projectID
			attachments = append(attachments, core.Attachment{NICID: firstNIC(i), NetworkID: int64(i%networks + 1), Channel: core.NativeChannel})
		}
		nodes = append(nodes, n)
		for end := range 2 {
			id := firstNIC(i) + int64(end)
			ports = append(ports, port(id, i, end))
			nics = append(nics, core.NIC{ID: id, NodeID: n.ID, Label: fmt.Sprint("eth", end), MACAddr: "52:54:00:12:34:56", PortID: id})
		}
	}
	insert(b, s.db, nodes)
	insert(b, s.db, ports)
	insert(b, s.db, nics)
	insert(b, s.db, attachments)
}

// port is where a NIC is cabled to: the NICs of a node stand side by side on one switch.
func port(id int64, node, end int) core.Port {
	nth := node / switches
	name := fmt.Sprintf("gi%d/%d/%d", nth/portsPerModule+1, end, nth%portsPerModule+1)
	return core.Port{ID: id, SwitchID: int64(node%switches + 1), Label: name, DeviceName: name}
}

func insert[T any](b *testing.B, db *bun.DB, rows []T) {
	b.Helper()
	for some := range slices.Chunk(rows, chunk) {
		_, err := db.NewInsert().Model(&some).Exec(b.Context())
		must(b, err)
	}
}

// analyse does what PostgreSQL does by itself after a while, but not in clusters for tests.
func (s *site) analyse(b *testing.B, kind string) {
	b.Helper()
	if kind == storetest.Postgres {
		s.exec(b, "VACUUM ANALYZE")
	}
}

// exec runs statements that the store has no call for.
func (s *site) exec(b *testing.B, statements string) {
	b.Helper()
	for statement := range strings.SplitSeq(statements, ";") {
		_, err := s.db.ExecContext(b.Context(), statement)
		must(b, err)
	}
}

// serve starts a whole server on the site, logging as servers do unless told otherwise. Its nodes have no controllers that
// could be asked.
func (s *site) serve(b *testing.B) *servertest.Server {
	b.Helper()
	return servertest.NewSite(b, s.uri, servertest.Sections{"general": {"log_level": "WARNING"}, "power": {"interval": "0"}}).Start(b)
}

func nodeLabel(i int) string    { return fmt.Sprintf("node-%05d", i) }
func networkLabel(i int) string { return fmt.Sprint("net", i) }
func firstNIC(node int) int64   { return int64(2*node + 1) }

// freeNode is a node of nobody.
var freeNode = nodeLabel(1)
