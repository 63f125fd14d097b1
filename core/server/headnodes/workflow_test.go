package headnodes_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/qemu"
	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

const (
	switchOVS = "http://schema.massopencloud.org/haas/v0/switches/ovs"
	// bmcPassword opens the simulated controller of the node.
	bmcPassword = "Bmc-secret-62"
	// patience bounds what emulated machines do, on a machine that is busy with tests.
	patience = 2 * time.Minute
)

// TestWorkflow is that of the user guide: a tenant has a node and a headnode on a network, logs in to the headnode, which
// gives out addresses and a program there, and turns the node on. Its disk is empty, so it starts the program from the
// network, and says so on its console. A machine on another project's network gets nothing, until it belongs to the tenant.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	qemu.Need(t)
	s := newSiteWith(t, dnsmasq(t))
	s.root.OK(t, "PUT", "/v0/switch/sw", fmt.Sprintf(`{"type": %q, "ovs_bridge": %q, "ovsdb": %q}`, switchOVS, bridge, s.sw.Endpoint()))
	s.emulated(t, "n1")
	stranger := s.namespace(t, "n2")

	machine := s.headnode(t, "h1")
	s.owns(t, s.ann, "p1", "n1", "net-h1")
	s.bob.OK(t, "PUT", "/v0/network/net-b", `{"owner": "p2", "access": ["p2"], "net_id": ""}`)
	s.owns(t, s.bob, "p2", "n2", "net-b")

	console := s.ann.Open(t, "/v0/node/n1/console")
	shell := s.dial(t, "ann", "/v0/headnode/h1/console/ws")
	hears(t, shell, "guest# ")
	must(t, shell.Write(t.Context(), websocket.MessageBinary, []byte("ip address add 10.9.0.1/24 dev eth0; ip link set eth0 up; dnsmasq -d\r")))
	hears(t, shell, "TFTP root is /srv")
	s.ann.OK(t, "POST", "/v0/node/n1/power_cycle", "")
	prints(t, console, marker)
	hears(t, shell, "/srv/node.0 to 10.9.0.")

	leased(t, stranger, false)
	s.bob.Act(t, "/v0/node/n2/nic/eth0/detach_network", `{"network": "net-b"}`)
	s.bob.OK(t, "POST", "/v0/project/p2/detach_node", `{"node": "n2"}`)
	s.owns(t, s.ann, "p1", "n2", "net-h1")
	leased(t, stranger, true)

	s.ann.OK(t, "DELETE", "/v0/headnode/h1", "")
	s.isGone(t, machine)
}

// emulated registers a machine with an empty disk, whose network card is plugged into a port of the switch, and whose
// controller is simulated.
func (s *site) emulated(t *testing.T, name string) {
	t.Helper()
	tap, err := s.sw.PlugTap(t.Context(), bridge, "to-"+name)
	must(t, err)
	t.Cleanup(func() { _ = tap.Close() }) // the machine is off
	m, err := qemu.New(qemu.Options{Network: tap, Memory: 32})
	must(t, err)
	t.Cleanup(func() { must(t, m.Close()) })
	c, err := bmctest.Listen("127.0.0.1:0", bmctest.Options{Users: []bmctest.User{{Name: "admin", Password: bmcPassword}}, Machine: m})
	must(t, err)
	t.Cleanup(func() { _ = c.Close() }) // nobody needs it any more
	s.register(t, name, qemu.MAC, fmt.Sprintf(
		`{"type": %q, "host": "127.0.0.1", "port": %d, "user": "admin", "password": %q}`, servertest.OBMIPMILAN, c.Address().Port, bmcPassword))
}

// namespace registers a machine that is a network namespace, whose NIC is plugged into a port of the switch.
func (s *site) namespace(t *testing.T, name string) *ovstest.Namespace {
	t.Helper()
	n, err := ovstest.NewMachine(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, n.Close()) })
	must(t, s.sw.Plug(t.Context(), bridge, "to-"+name, n, "eth0"))
	s.register(t, name, "02:00:00:00:00:02", fmt.Sprintf(`{"type": %q, "host": %q, "user": "u", "password": "p"}`, servertest.OBMMock, name))
	return n
}

// register tells the server of a node, and where its NIC is plugged in.
func (s *site) register(t *testing.T, name, mac, obm string) {
	t.Helper()
	s.root.OK(t, "PUT", "/v0/node/"+name, fmt.Sprintf(`{"obm": %s}`, obm))
	s.root.OK(t, "PUT", "/v0/node/"+name+"/nic/eth0", fmt.Sprintf(`{"macaddr": %q}`, mac))
	s.root.OK(t, "PUT", "/v0/switch/sw/port/to-"+name, "")
	s.root.OK(t, "POST", "/v0/switch/sw/port/to-"+name+"/connect_nic", fmt.Sprintf(`{"node": %q, "nic": "eth0"}`, name))
}

// owns gives a node to somebody's project and puts it on a network.
func (s *site) owns(t *testing.T, who servertest.Client, project, node, network string) {
	t.Helper()
	who.OK(t, "POST", "/v0/project/"+project+"/connect_node", fmt.Sprintf(`{"node": %q}`, node))
	if a := who.Act(t, "/v0/node/"+node+"/nic/eth0/connect_network", fmt.Sprintf(`{"network": %q}`, network)); a["status"] != "DONE" {
		t.Fatalf("%s is not on %s: %v", node, network, a)
	}
}

// prints reads a node's console until the text has come.
func prints(t *testing.T, console io.ReadCloser, want string) {
	t.Helper()
	limit := time.AfterFunc(patience, func() { _ = console.Close() }) // which the reader hears of
	defer limit.Stop()
	var seen strings.Builder
	b := make([]byte, 4096)
	for !strings.Contains(seen.String(), want) {
		n, err := console.Read(b)
		seen.Write(b[:n])
		if err != nil {
			t.Fatalf("%v before %q came; seen %q", err, want, seen.String())
		}
	}
}

// leased wants a machine that asks its network for an address to get one from the headnode, or none from anybody.
func leased(t *testing.T, n *ovstest.Namespace, want bool) {
	t.Helper()
	said, err := n.Run(t.Context(), guest.Need(t).Busybox, "udhcpc", "-f", "-n", "-q", "-t", "3", "-T", "1", "-i", "eth0", "-s", "/bin/true")
	if got := err == nil; got != want {
		t.Errorf("it gets an address: %t: %v %s", got, err, said)
	}
}
