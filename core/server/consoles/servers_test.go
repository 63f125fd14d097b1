package consoles_test

import (
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

// pair is a site with two servers, processes that share a PostgreSQL database.
type pair struct {
	*site
	machine       *bmctest.Echo
	first, second *servertest.Process
}

// newPair starts the servers; with advertise they tell each other where they are.
func newPair(t *testing.T, advertise bool) *pair {
	t.Helper()
	uri, p := storetest.URI(t, storetest.Postgres), &pair{machine: &bmctest.Echo{}}
	start := func() *servertest.Process {
		port := freePort(t)
		own := servertest.Sections{"server": {"listen": "127.0.0.1:" + port}}
		if advertise {
			own["server"]["advertise"] = "http://127.0.0.1:" + port
		}
		home := servertest.NewSite(t, uri, own)
		if p.first == nil {
			home.CreateAdmin(t, "root", "secret")
		}
		return home.StartProcess(t, "serve")
	}
	p.first = start()
	p.second = start()
	p.site = populate(t, p.first.Server, p.machine)
	return p
}

// freePort is one that nobody listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	must(t, l.Close())
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, err)
	return port
}

// on is the site as seen from a server.
func (p *pair) on(server *servertest.Process) *site {
	s := &site{controller: p.controller}
	s.at(server.Server)
	return s
}

// TestTwoServersOneConsole joins viewers on two servers to one session, and ends both when either releases the node.
func TestTwoServersOneConsole(t *testing.T) {
	t.Parallel()
	p := newPair(t, true)
	first, second := p.on(p.first), p.on(p.second)
	ann := first.join(t)
	reader, other := second.watch(t), second.join(t)
	ann.types(t, "from the first server ")
	reader.shows(t, "from the first server ")
	ann.socket.Close(1000, "") //nolint:errcheck // it lays the keyboard down.
	servertest.Eventually(t, "who is on the other server types", func() (bool, any) {
		other.types(t, "x")
		seen := reader.String()
		return strings.HasSuffix(seen, "x"), seen
	})
	if n := p.controller.Consoles(); n != 1 {
		t.Errorf("%d sessions", n)
	}
	if a := second.ann.OK(t, "GET", "/v0/node/n1/console?follow=false", ""); !strings.Contains(a.Body, "from the first") {
		t.Errorf("recalled on the other server: %q", a.Body)
	}
	second.isShutOut(t, "bob")

	typed := len(p.machine.Typed())
	second.ann.OK(t, "POST", "/v0/project/p1/detach_node", `{"node": "n1"}`)
	if n := p.controller.Consoles(); n != 0 {
		t.Errorf("%d sessions after the release", n)
	}
	reader.hasEnded(t)
	other.hasEnded(t)
	for _, s := range []*site{first, second} {
		s.isShutOut(t, "ann")
	}
	first.bob.OK(t, "POST", "/v0/project/p2/connect_node", `{"node": "n1"}`)
	next, err := second.tryJoin(t, "bob", "?tail=1000")
	must(t, err)
	next.types(t, "bob")
	next.shows(t, "bob")
	if seen, keys := next.String(), p.machine.Typed()[typed:]; seen != "bob" || keys != "bob" {
		t.Errorf("the next owner saw %q, and %q was typed", seen, keys)
	}
}

// TestConsoleElsewhere says where it is open when the servers do not know how to reach each other.
func TestConsoleElsewhere(t *testing.T) {
	t.Parallel()
	p := newPair(t, false)
	p.on(p.first).join(t)
	a := p.on(p.second).ann.Do(t, "GET", "/v0/node/n1/console", "")
	if a.Status != 409 || !strings.Contains(a.Body, "open on another server; set advertise") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// TestServerWithAConsoleDies releases a node whose console is open on a server that is killed, or frozen: the frozen one
// neither shows nor types anything when it comes back.
func TestServerWithAConsoleDies(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "frozen": syscall.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, true)
			second := p.on(p.second)
			viewer := p.on(p.first).join(t)
			viewer.types(t, "seen")
			viewer.shows(t, "seen")
			must(t, p.first.Signal(how))
			second.ann.OK(t, "POST", "/v0/project/p1/detach_node", `{"node": "n1"}`)
			second.bob.OK(t, "POST", "/v0/project/p2/connect_node", `{"node": "n1"}`)
			typed := len(p.machine.Typed())
			if how == syscall.SIGSTOP {
				viewer.types(t, "ann types")
				must(t, p.first.Signal(syscall.SIGCONT))
				_ = p.machine.Print("bob's secret") // the line may be cut off already
			}
			viewer.hasEnded(t)
			if seen, keys := viewer.String(), p.machine.Typed()[typed:]; seen != "seen" || keys != "" {
				t.Errorf("the former owner saw %q and typed %q", seen, keys)
			}
			bob, err := second.tryJoin(t, "bob", "?take=true")
			must(t, err)
			bob.types(t, "bob")
			bob.shows(t, "bob")
		})
	}
}
