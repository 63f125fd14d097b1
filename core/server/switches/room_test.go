package switches_test

import (
	"fmt"
	"net"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// room is a machine room: simulated switches, and a site whose server drives them.
type room struct {
	*servertest.Site
	// uri is where its database is.
	uri      string
	switches map[string]*device
	// nodes are the ports of the nodes, which have one NIC each, eth0.
	nodes map[string]place
}

// device is a simulated switch as it is registered.
type device struct {
	consoletest.Switch
	family  family
	label   string
	address string
	law     *law
}

// place is where a node is cabled.
type place struct {
	*device
	port string
}

// newRoom makes a room without switches, and no server runs. The database is an SQLite file of its own if uri is empty.
func newRoom(t *testing.T, uri string, changes servertest.Sections) *room {
	t.Helper()
	if uri == "" {
		uri = storetest.URI(t, storetest.SQLite)
	}
	r := &room{Site: servertest.NewSite(t, uri, changes), uri: uri, switches: map[string]*device{}, nodes: map[string]place{}}
	r.CreateAdmin(t, "root", "secret")
	return r
}

// starting is held while a server starts: each launches all drivers, and a machine that launches those of ten servers
// at once is not ready in time.
var starting sync.Mutex //nolint:gochecknoglobals // tests of one binary share the machine.

// Start starts the room's server, one at a time.
func (r *room) Start(t *testing.T) *servertest.Server {
	t.Helper()
	starting.Lock()
	defer starting.Unlock()
	return r.Site.Start(t)
}

// install puts a switch in the room, whose every command is held against the law.
func (r *room) install(t *testing.T, label string, f family, o consoletest.Options) *device {
	t.Helper()
	d := r.mount(t, label, f, o)
	d.law = newLaw(t, d)
	d.OnCommand(d.law.judge)
	return d
}

// mount puts a switch in the room that nobody watches.
func (r *room) mount(t *testing.T, label string, f family, o consoletest.Options) *device {
	t.Helper()
	d := &device{Switch: f.simulate(o), family: f, label: label}
	d.address = d.Start(t, "telnet")
	r.switches[label] = d
	return d
}

// register makes the switch known to the server.
func (d *device) register(t *testing.T, root servertest.Client, more string) {
	t.Helper()
	root.OK(t, "PUT", "/switch/"+d.label, d.settings(t, more))
}

// settings are what the switch is registered with; more is more JSON members, each behind a comma.
func (d *device) settings(t *testing.T, more string) string {
	t.Helper()
	host, port, err := net.SplitHostPort(d.address)
	noError(t, err)
	return fmt.Sprintf(`{"type": %q, "hostname": %q, "port": %s, "username": "admin", "password": "admin"%s%s}`,
		d.family.typeURL, host, port, d.family.more, more)
}

// cable makes a node on the n-th port of the switch, named like both.
func (r *room) cable(t *testing.T, root servertest.Client, d *device, n int) string {
	t.Helper()
	node := fmt.Sprintf("%s-%d", d.label, n)
	port := d.family.port(n)
	root.OK(t, "PUT", "/node/"+node, `{"obm": {"type": "`+servertest.OBMMock+`", "host": "`+node+`", "user": "u", "password": "p"}}`)
	root.OK(t, "PUT", "/node/"+node+"/nic/eth0", `{"macaddr": "aa:bb:cc:dd:ee:ff"}`)
	root.OK(t, "PUT", "/switch/"+d.label+"/port/"+port, "")
	root.OK(t, "POST", "/switch/"+d.label+"/port/"+port+"/connect_nic", `{"node": "`+node+`", "nic": "eth0"}`)
	r.nodes[node] = place{d, port}
	return node
}

// connect asks for a network on a node, natively, and follows the action to its end.
func connect(t *testing.T, c servertest.Client, node, network string) map[string]any {
	t.Helper()
	return c.Act(t, "/node/"+node+"/nic/eth0/connect_network", `{"network": "`+network+`"}`)
}

// detach takes a network off a node, and follows the action to its end.
func detach(t *testing.T, c servertest.Client, node, network string) map[string]any {
	t.Helper()
	return c.Act(t, "/node/"+node+"/nic/eth0/detach_network", `{"network": "`+network+`"}`)
}

var taggedChannel = regexp.MustCompile(`vlan/([0-9]+)`)

// vlanOf is the VLAN of a network.
func vlanOf(t *testing.T, root servertest.Client, network string) int {
	t.Helper()
	channels := fmt.Sprint(root.OK(t, "GET", "/network/"+network, "").JSON(t)["channels"])
	vlan, err := strconv.Atoi(taggedChannel.FindStringSubmatch(channels)[1])
	noError(t, err)
	return vlan
}

// closed waits until the ports of all nodes of the room are closed: nothing that was there before HaaS is left.
func (r *room) closed(t *testing.T) {
	t.Helper()
	for node, at := range r.nodes {
		servertest.Eventually(t, "the port of "+node+" is closed", func() (bool, any) {
			c := at.Configured(at.port)
			return c.Nothing(), c
		})
		at.law.grant(at.port)
	}
}

// settled wants an action to have ended well.
func settled(t *testing.T, action map[string]any) {
	t.Helper()
	if action["status"] != "DONE" {
		t.Fatalf("action ended %v: %v", action["status"], action["error"])
	}
}

// native wants the node's port to carry just one VLAN, without tags; 0 is nothing.
func (r *room) native(t *testing.T, node string, vlan int) {
	t.Helper()
	at := r.nodes[node]
	if got := at.Carried(at.port); !got.Equal(consoletest.Carried{Native: vlan}) {
		t.Errorf("%s of %s carries %+v, want VLAN %d natively", at.port, at.label, got, vlan)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
