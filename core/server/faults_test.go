package server_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// plant is a site with many nodes of project p1, each with one NIC on a port of a mock switch, and with network w1.
type plant struct {
	*servertest.Site
	*store.Store
	ctx context.Context //nolint:containedctx // the test's.
	// ports are the ports of the nodes by their switches' host names.
	ports map[string][]string
}

// newPlant makes the site. It has no switches yet, and no server runs.
func newPlant(t *testing.T, uri string, changes servertest.Sections) *plant {
	t.Helper()
	all := servertest.Sections{"network-daemon": {"sleep_time": "0.02"}}
	maps.Copy(all, changes)
	p := &plant{Site: servertest.NewSite(t, uri, all), Store: storetest.OpenURI(t, uri), ctx: t.Context(), ports: map[string][]string{}}
	p.CreateAdmin(t, "root", "secret")
	return p
}

// build registers switches, and on each of them a number of nodes that are called like their ports.
func (p *plant) build(t *testing.T, root servertest.Client, switches, nodes int) {
	t.Helper()
	root.OK(t, "PUT", "/project/p1", "")
	root.OK(t, "PUT", "/network/w1", `{"creator": "p1", "access": "p1", "net_id": ""}`)
	for i := range switches {
		sw := fmt.Sprintf("sw%d", i)
		root.OK(t, "PUT", "/switch/"+sw, fmt.Sprintf(`{"type": %q, "hostname": %q, "username": "u", "password": "hush"}`, servertest.SwitchMock, sw))
		for j := range nodes {
			p.addNode(t, root, sw, fmt.Sprintf("%d/%d", i, j))
		}
	}
	p.atRest(t)
	for _, ports := range p.ports {
		for _, port := range ports {
			root.OK(t, "POST", "/project/p1/connect_node", `{"node": "`+nodeOf(port)+`"}`)
		}
	}
}

func (p *plant) addNode(t *testing.T, root servertest.Client, sw, port string) {
	t.Helper()
	node := nodeOf(port)
	root.OK(t, "PUT", "/node/"+node, `{"obm": `+obmOf(node)+`}`)
	root.OK(t, "PUT", "/node/"+node+"/nic/eth0", `{"macaddr": "`+mac+`"}`)
	root.OK(t, "PUT", "/switch/"+sw+"/port/"+port, "")
	root.OK(t, "POST", "/switch/"+sw+"/port/"+port+"/connect_nic", `{"node": "`+node+`", "nic": "eth0"}`)
	p.ports[sw] = append(p.ports[sw], port)
}

func nodeOf(port string) string { return "n" + string(port[0]) + "-" + port[2:] }

// all asks for a networking call on every node that takes it, and gives the actions.
func (p *plant) all(t *testing.T, root servertest.Client, call string) []string {
	t.Helper()
	var ids []string
	for _, ports := range p.ports {
		for _, port := range ports {
			a := root.Do(t, "POST", "/node/"+nodeOf(port)+"/nic/eth0/"+call, `{"network": "w1"}`)
			if id, ok := a.JSON(t)["status_id"].(string); ok {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		t.Fatalf("no node takes %s", call)
	}
	return ids
}

// inVisit waits until a server is at the switch, which does not answer, or on its way.
func (p *plant) inVisit(t *testing.T, sw string) {
	t.Helper()
	w, err := p.Switch(p.ctx, sw)
	noError(t, err)
	servertest.Eventually(t, "the switch is being visited", func() (bool, any) {
		l, err := p.Lane(p.ctx, w.ID)
		noError(t, err)
		work, err := p.Work(p.ctx, w.ID)
		noError(t, err)
		return l.Until != 0 && l.UnsavedSince != 0 && len(work) > 0, l
	})
}

// atRest waits until all ports are settled and saved.
func (p *plant) atRest(t *testing.T) {
	t.Helper()
	for sw := range p.ports {
		w, err := p.Switch(p.ctx, sw)
		noError(t, err)
		servertest.Eventually(t, "switch "+sw+" comes to rest", func() (bool, any) {
			l, err := p.Lane(p.ctx, w.ID)
			noError(t, err)
			left := p.unsettled(t, w)
			return left == 0 && l.UnsavedSince == 0, fmt.Sprint(left, " ports, lane ", l)
		})
	}
}

func (p *plant) unsettled(t *testing.T, sw core.Switch) int {
	t.Helper()
	left := 0
	for _, label := range p.ports[sw.Label] {
		port, err := p.Port(p.ctx, sw, label)
		noError(t, err)
		if !port.Settled() {
			left++
		}
	}
	return left
}

// agrees wants the devices, running and saved, to show what show_node says of every node; it counts the nodes on w1.
func (p *plant) agrees(t *testing.T, root servertest.Client) (connected int) {
	t.Helper()
	p.atRest(t)
	for sw, ports := range p.ports {
		d := p.Device(t, sw)
		for _, port := range ports {
			nics, _ := root.OK(t, "GET", "/node/"+nodeOf(port), "").JSON(t)["nics"].([]any)
			networks, _ := nics[0].(map[string]any)["networks"].(map[string]any)
			want := servertest.PortState{}
			if len(networks) > 0 {
				want = servertest.PortState{Native: 100, Up: true}
				connected++
			}
			for _, got := range []servertest.PortState{d.Running[port], d.Saved[port]} {
				if got.Native != want.Native || got.Up != want.Up || len(got.Tagged) != 0 {
					t.Errorf("port %s of %s shows %+v, the database says %v", port, sw, d.Running[port], networks)
				}
			}
		}
	}
	return connected
}

// outcomes follows actions to their ends.
func outcomes(t *testing.T, root servertest.Client, ids []string) map[string]int {
	t.Helper()
	found := map[string]int{}
	for _, id := range ids {
		end := root.Settled(t, id)
		status, _ := end["status"].(string)
		found[status]++
		if status == "ERROR" && end["error"] == "" {
			t.Errorf("an action failed without a reason: %v", end)
		}
	}
	return found
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestKilledInABatch kills the driver in the middle of a batch, then the server in the middle of another.
func TestKilledInABatch(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		p := newPlant(t, uri, nil)
		first := p.StartProcess(t, "serve", "--listen", "127.0.0.1:0")
		root := first.As("root", "secret")
		p.build(t, root, 1, 50)

		release := p.Hold(t, "sw0")
		ids := p.all(t, root, "connect_network")
		p.inVisit(t, "sw0")
		first.KillDriver(t, "switch-mock")
		release()
		if got := outcomes(t, root, ids); got["DONE"] != 50 {
			t.Errorf("after the driver's death the actions ended as %v", got)
		}
		if n := p.agrees(t, root); n != 50 {
			t.Errorf("%d nodes are connected", n)
		}

		release = p.Hold(t, "sw0")
		ids = p.all(t, root, "detach_network")
		p.inVisit(t, "sw0")
		first.Kill(t)
		release()
		root = p.StartProcess(t, "serve", "--listen", "127.0.0.1:0").As("root", "secret")
		if got := outcomes(t, root, ids); got["DONE"] != 50 {
			t.Errorf("after the server's death the actions ended as %v", got)
		}
		if n := p.agrees(t, root); n != 0 {
			t.Errorf("%d nodes are connected", n)
		}
	})
}

// TestTakeover kills the server that is at the switch while another one is there: a whole server, or one that only works
// the switches, behind an API that does not. Its names are short, for the path of the drivers' sockets.
func TestTakeover(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ api, worker string }{
		"parts": {"serve --no-fabric", "serve_networks"},
		"whole": {"", "serve --listen 127.0.0.1:0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, storetest.URI(t, storetest.Postgres), nil)
			takeOver(t, p, c.api, c.worker)
		})
	}
}

func takeOver(t *testing.T, p *plant, api, worker string) {
	t.Helper()
	at := p.StartProcess(t, strings.Fields(worker)...)
	front := at
	if api != "" {
		front = p.StartProcess(t, append(strings.Fields(api), "--listen", "127.0.0.1:0")...)
	}
	root := front.As("root", "secret")
	p.build(t, root, 1, 20)
	release := p.Hold(t, "sw0")
	ids := p.all(t, root, "connect_network")
	p.inVisit(t, "sw0")
	second := p.StartProcess(t, strings.Fields(worker)...)
	at.Kill(t)
	release()
	if api == "" {
		root = second.As("root", "secret")
	}
	if got := outcomes(t, root, ids); got["DONE"] != 20 {
		t.Errorf("the actions ended as %v", got)
	}
	if n := p.agrees(t, root); n != 20 {
		t.Errorf("%d nodes are connected", n)
	}
}

// TestDevicesThatMisbehave lets the mock switches fail, lie, hang and crash while every node comes and goes.
func TestDevicesThatMisbehave(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		p := newPlant(t, uri, servertest.Sections{
			"switch-mock": {"crash": "0.1", "lie": "0.1", "fail": "0.2", "hang": "0.05", "seed": "42"},
			"fabric":      {"visit_timeout": "300ms", "retries": "4"},
		})
		root := p.Start(t).As("root", "secret")
		p.build(t, root, 2, 20)
		for range 2 {
			for _, call := range []string{"connect_network", "detach_network"} {
				ids := p.all(t, root, call)
				got := outcomes(t, root, ids)
				if got["DONE"]+got["ERROR"] != len(ids) {
					t.Errorf("the actions ended as %v", got)
				}
				p.agrees(t, root)
			}
		}
	})
}
