package switches_test

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// The ports of a scene: the number of one begins like the other's, for those who lose a character.
const (
	ownPort       = 12
	neighbourPort = 1
	ports         = 16
)

// site is a running server with two projects: p1 has the networks w1 and w2, p2 has w3.
type site struct {
	*servertest.Site
	server *servertest.Server
	root   servertest.Client
	vlans  map[string]int
	// subnet is the part of the loopback's addresses that is the site's, and staged how many scenes have one.
	subnet uint32
	staged atomic.Int32
}

// newSite starts one whose actions end soon.
func newSite(t *testing.T, changes map[string]string) *site {
	t.Helper()
	fabric := map[string]string{"retries": "4", "visit_timeout": "6s", "linger": "300ms"}
	maps.Copy(fabric, changes)
	r := newRoom(t, storetest.URI(t, storetest.Postgres), servertest.Sections{"fabric": fabric, "network-daemon": {"sleep_time": "0.05"}})
	name := fnv.New32()
	_, _ = name.Write([]byte(t.Name())) // a hash takes everything
	s := &site{Site: r.Site, vlans: map[string]int{}, subnet: 1 + name.Sum32()%250}
	s.server = r.Start(t)
	s.root = s.server.As("root", "secret")
	for network, project := range map[string]string{"w1": "p1", "w2": "p1", "w3": "p2"} {
		s.root.Do(t, "PUT", "/project/"+project, "") // w1's has it already when w2 comes
		s.root.OK(t, "PUT", "/network/"+network, fmt.Sprintf(`{"creator": %q, "access": %q, "net_id": ""}`, project, project))
		s.vlans[network] = vlanOf(t, s.root, network)
	}
	return s
}

// scene is a switch with the nodes of two projects: the test's, of p1, begins on w1; the neighbour, of p2, is on w3, and
// nothing may happen to it.
type scene struct {
	*room
	*site
	sw              *device
	node, neighbour string
}

// scenery is how a scene's switch is made and registered.
type scenery struct {
	options consoletest.Options
	// simulate is the family's own if it is nil.
	simulate func(consoletest.Options) consoletest.Switch
	// more are settings, see device.settings.
	more string
	// unsaved says that they keep the server from saving it.
	unsaved bool
	// door, if given, is how the switch is reached.
	door *door
	// prepare, if given, is called before the server knows the switch.
	prepare func(*device)
}

// stage makes a scene, with everything saved unless it is to be unsaved.
func (s *site) stage(t *testing.T, f family, with scenery) *scene {
	t.Helper()
	with.options.Ports = ports
	if with.simulate != nil {
		f.simulate = with.simulate
	}
	sc := &scene{site: s, room: &room{Site: s.Site, switches: map[string]*device{}, nodes: map[string]place{}}}
	n := s.staged.Add(1)
	sc.sw = sc.install(t, fmt.Sprintf("%s-%d", f.name, n), f, with.options)
	if with.door == nil {
		with.door = &door{}
	}
	with.door.address = fmt.Sprintf("127.%d.%d.%d:0", s.subnet, n/250, n%250+1)
	sc.sw.address = with.door.open(t, sc.sw)
	if with.prepare != nil {
		with.prepare(sc.sw)
	}
	sc.sw.register(t, s.root, with.more)
	sc.node = sc.cable(t, s.root, sc.sw, ownPort)
	sc.neighbour = sc.cable(t, s.root, sc.sw, neighbourPort)
	sc.closed(t)
	sc.give(t, sc.node, "p1", ownPort, "w1", "w2")
	sc.give(t, sc.neighbour, "p2", neighbourPort, "w3")
	if !with.unsaved {
		sc.saved(t)
	}
	sc.sw.OnCommand(sc.watchNeighbour(t))
	return sc
}

// give gives a node to a project, whose networks its port may carry from now on, and connects it to the first of them.
func (s *scene) give(t *testing.T, node, project string, port int, networks ...string) {
	t.Helper()
	s.root.OK(t, "POST", "/project/"+project+"/connect_node", `{"node": "`+node+`"}`)
	vlans := make([]int, 0, len(networks))
	for _, network := range networks {
		vlans = append(vlans, s.vlans[network])
	}
	s.sw.law.grant(s.sw.family.port(port), vlans...)
	settled(t, connect(t, s.root, node, networks[0]))
}

// watchNeighbour is a hook that wants the neighbour's port to carry its network, whatever happens to the other one.
func (s *scene) watchNeighbour(t *testing.T) func(consoletest.Typed) {
	t.Helper()
	port, want, broken := s.nodes[s.neighbour].port, consoletest.Carried{Native: s.vlans["w3"]}, false
	return func(cmd consoletest.Typed) {
		if got := s.sw.Carried(port); !broken && !got.Equal(want) {
			broken = true
			t.Errorf("after %q, the neighbour's port carries %+v", cmd.Line, got)
		}
	}
}

// wish is a change that p1 asks for.
type wish struct{ verb, network, channel string }

// The wishes of a test, in pairs: what the first does, the second undoes.
func (s *scene) more() []wish {
	tagged := fmt.Sprintf("vlan/%d", s.vlans["w2"])
	return []wish{{"connect_network", "w2", tagged}, {"detach_network", "w2", tagged}}
}

func less() []wish {
	return []wish{{"detach_network", "w1", "vlan/native"}, {"connect_network", "w1", "vlan/native"}}
}

// ask records a wish, and gives its action.
func (s *scene) ask(t *testing.T, w wish) (action string) {
	t.Helper()
	body := fmt.Sprintf(`{"network": %q}`, w.network)
	if w.verb == "connect_network" {
		body = fmt.Sprintf(`{"network": %q, "channel": %q}`, w.network, w.channel)
	}
	id, ok := s.root.OK(t, "POST", "/node/"+s.node+"/nic/eth0/"+w.verb, body).JSON(t)["status_id"].(string)
	if !ok {
		t.Fatal("no status_id")
	}
	return id
}

// ended follows an action to its end, and holds what is said of it against the device. It gives the words of an ERROR,
// "" for DONE.
func (s *scene) ended(t *testing.T, w wish, id string) (words string) {
	t.Helper()
	action := s.root.Settled(t, id)
	carried, said := s.sw.Carried(s.nodes[s.node].port), s.said(t)
	_, on := s.networks(t)[w.channel]
	done := action["status"] == "DONE"
	if done != (on == (w.verb == "connect_network")) {
		t.Errorf("the action of %v ended %v, and the database says %+v", w, action["status"], said)
	}
	if done && !carried.Equal(said) {
		t.Errorf("the action of %v is DONE, and the port carries %+v instead of %+v", w, carried, said)
	}
	if done {
		return ""
	}
	words, ok := action["error"].(string)
	if !ok || words == "" {
		t.Errorf("the action of %v ended without a word: %v", w, action)
	}
	return words
}

// networks are those of the node as the API shows them, by channel.
func (s *scene) networks(t *testing.T) map[string]any {
	t.Helper()
	nics, ok := s.root.OK(t, "GET", "/node/"+s.node, "").JSON(t)["nics"].([]any)
	if !ok || len(nics) != 1 {
		t.Fatalf("the node has the NICs %v", nics)
	}
	networks, _ := nics[0].(map[string]any)["networks"].(map[string]any)
	return networks
}

// said is what the node's port carries as the database has it.
func (s *scene) said(t *testing.T) consoletest.Carried {
	t.Helper()
	var c consoletest.Carried
	for channel, network := range s.networks(t) {
		vlan := s.vlans[fmt.Sprint(network)]
		if channel == "vlan/native" {
			c.Native = vlan
		} else {
			c.Tagged = append(c.Tagged, vlan)
		}
	}
	slices.Sort(c.Tagged)
	return c
}

// settles waits until the port carries what the database says, and the switch is saved.
func (s *scene) settles(t *testing.T) {
	t.Helper()
	s.arrives(t)
	s.saved(t)
}

// arrives waits until the port carries what the database says.
func (s *scene) arrives(t *testing.T) {
	t.Helper()
	want := s.said(t)
	servertest.Eventually(t, "the port comes to what the database says", func() (bool, any) {
		c := s.sw.Carried(s.nodes[s.node].port)
		return c.Equal(want), c
	})
}

// saved waits until the server says that the switch is saved, and wants it to be.
func (s *scene) saved(t *testing.T) {
	t.Helper()
	s.savedAsSaid(t)
	if !s.sw.Saved() {
		t.Errorf("the server says that the switch is saved, and it is not:\n%s", s.sw.RunningConfig())
	}
}

// savedAsSaid waits until the server says that the switch is saved.
func (s *scene) savedAsSaid(t *testing.T) {
	t.Helper()
	servertest.Eventually(t, "the switch is saved", func() (bool, any) {
		shown := s.shown(t)
		return shown["unsaved_since"] == nil, shown
	})
}

// shown is what the API shows of the switch.
func (s *scene) shown(t *testing.T) map[string]any {
	t.Helper()
	return s.root.OK(t, "GET", "/v0/switch/"+s.sw.label, "").JSON(t)
}

// putOff is a line of the server's log about a second try at the switch, "" if there was none.
func (s *scene) putOff() string {
	for line := range strings.Lines(s.server.Log.String()) {
		if strings.Contains(line, "switch="+s.sw.label+" ") && (strings.Contains(line, "put off") || strings.Contains(line, "failed")) {
			return line
		}
	}
	return ""
}
