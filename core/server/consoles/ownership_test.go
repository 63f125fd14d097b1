package consoles_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

// console are the calls about the console of n1.
var consoleCalls = []struct{ method, path, body string }{
	{"GET", "/v0/node/n1/console", ""},
	{"GET", "/v0/node/n1/console?follow=false", ""},
	{"GET", "/v0/node/n1/console?take=true", ""},
	{"GET", "/v0/node/n1/console/log", ""},
	{"PUT", "/v0/node/n1/console/log", `{"enabled": true}`},
	{"PUT", "/v0/node/n1/console", ""},
	{"DELETE", "/v0/node/n1/console", ""},
}

// isShutOut fails the test unless the user may do nothing about the console.
func (s *site) isShutOut(t *testing.T, user string) {
	t.Helper()
	for _, c := range consoleCalls {
		if a := s.As(user, user+"-secret").Do(t, c.method, c.path, c.body); a.Status != http.StatusUnauthorized {
			t.Errorf("%s %s by %s: %d %s", c.method, c.path, user, a.Status, a.Body)
		}
	}
	if _, err := s.tryJoin(t, user, ""); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("%s joins: %v", user, err)
	}
}

func TestStrangersAreShutOut(t *testing.T) {
	t.Parallel()
	s := newSite(t, &bmctest.Echo{})
	s.isShutOut(t, "bob")
	s.isShutOut(t, "nobody")
}

// TestReleaseEndsEverything is the quiet case: what was open ends, what comes after is refused, and the next owner sees
// nothing of it.
func TestReleaseEndsEverything(t *testing.T) {
	t.Parallel()
	machine := &bmctest.Echo{}
	s := newSite(t, machine)
	reader, writer := s.watch(t), s.join(t)
	s.ann.OK(t, "PUT", "/v0/node/n1/console/log", `{"enabled": true}`)
	writer.types(t, "ann's secret")
	reader.shows(t, "ann's secret")
	s.ann.OK(t, "POST", "/v0/project/p1/detach_node", `{"node": "n1"}`)
	reader.hasEnded(t)
	if why := writer.hasEnded(t); why != "node n1 was released" {
		t.Errorf("ended because %q", why)
	}
	s.isShutOut(t, "ann")
	s.bob.OK(t, "POST", "/v0/project/p2/connect_node", `{"node": "n1"}`)
	s.isShutOut(t, "ann")
	if a := s.bob.OK(t, "GET", "/v0/node/n1/console/log", ""); !strings.Contains(a.Body, `"enabled":false`) {
		t.Errorf("the next owner's log: %s", a.Body)
	}
	next, err := s.tryJoin(t, "bob", "?tail=1000")
	must(t, err)
	next.types(t, "bob types")
	next.shows(t, "bob types")
	if seen := next.String() + s.bob.OK(t, "GET", "/v0/node/n1/console?follow=false&tail=1000", "").Body; strings.Contains(seen, "ann") {
		t.Errorf("the next owner reads %q", seen)
	}
}

// hammer is somebody who wants to be on the console all the time, types "A" and remembers what is seen.
type hammer struct {
	screen
	joined atomic.Int64
}

// run comes, types and leaves again and again until ctx ends.
func (h *hammer) run(ctx context.Context, s *site) {
	for ctx.Err() == nil {
		conn, err := dialConsole(ctx, s.URL, "ann", "")
		if err != nil {
			continue
		}
		h.joined.Add(1)
		h.use(ctx, conn)
		_ = conn.CloseNow() // it may be closed already
	}
}

func (h *hammer) use(ctx context.Context, conn *websocket.Conn) {
	for {
		if conn.Write(ctx, websocket.MessageBinary, []byte("A")) != nil {
			return
		}
		kind, text, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if kind == websocket.MessageBinary {
			_, _ = h.Write(text) // a Builder takes everything
		}
	}
}

// TestReleaseAtEachMoment releases the node again and again while its owner comes, types, reads and goes in many ways at
// once. From the moment the release is answered nothing of hers is typed, and she sees nothing of the next owner's.
func TestReleaseAtEachMoment(t *testing.T) {
	t.Parallel()
	machine := &bmctest.Echo{}
	s := newSite(t, machine)
	const rounds, hammers = 10, 4
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	defer working.Wait()
	defer stop()
	all := make([]hammer, hammers)
	for i := range all {
		working.Go(func() { all[i].run(ctx, s) })
	}
	for round := range rounds {
		before := machine.Typed()
		servertest.Eventually(t, "ann types", func() (bool, any) { return len(machine.Typed()) > len(before), round })
		s.ann.OK(t, "POST", "/v0/project/p1/detach_node", `{"node": "n1"}`)
		typed := len(machine.Typed())
		s.bob.OK(t, "POST", "/v0/project/p2/connect_node", `{"node": "n1"}`)
		bob, err := s.tryJoin(t, "bob", "")
		must(t, err)
		text := fmt.Sprintf("<bob's secret %d>", round)
		bob.types(t, text)
		bob.shows(t, text)
		s.bob.OK(t, "POST", "/v0/project/p2/detach_node", `{"node": "n1"}`)
		if after := machine.Typed()[typed:]; after != text {
			t.Fatalf("in round %d, after the release, was typed %q", round, after)
		}
		if seen := bob.String(); seen != text {
			t.Fatalf("in round %d bob saw %q", round, seen)
		}
		s.ann.OK(t, "POST", "/v0/project/p1/connect_node", `{"node": "n1"}`)
	}
	stop()
	working.Wait()
	for i := range all {
		if seen := all[i].String(); strings.Contains(seen, "bob") {
			t.Errorf("ann saw %q", seen)
		}
		t.Logf("ann %d joined %d times", i, all[i].joined.Load())
	}
}

// TestLostMembershipEndsTheConsole ends what somebody watches who is no longer of the project, and nobody else's.
func TestLostMembershipEndsTheConsole(t *testing.T) {
	t.Parallel()
	s := newSite(t, &bmctest.Echo{})
	s.root.OK(t, "POST", "/v0/auth/basic/user/bob/add_project", `{"project": "p1"}`)
	ann := s.join(t)
	bob, err := s.tryJoin(t, "bob", "")
	must(t, err)
	ann.types(t, "both see this")
	bob.shows(t, "both see this")
	s.root.OK(t, "POST", "/v0/auth/basic/user/bob/remove_project", `{"project": "p1"}`)
	if why := bob.hasEnded(t); why != "you may not watch this console any more" {
		t.Errorf("ended because %q", why)
	}
	ann.types(t, "only ann sees this")
	ann.shows(t, "only ann sees this")
}

// TestANamesakeIsSomebodyElse ends what somebody watches whose account is gone, though there is another of the same name.
func TestANamesakeIsSomebodyElse(t *testing.T) {
	t.Parallel()
	s := newSite(t, &bmctest.Echo{})
	bob := "/v0/auth/basic/user/bob"
	s.root.OK(t, "POST", bob+"/add_project", `{"project": "p1"}`)
	former, err := s.tryJoin(t, "bob", "")
	must(t, err)
	s.root.OK(t, "POST", bob+"/remove_project", `{"project": "p1"}`)
	s.root.OK(t, "POST", bob+"/remove_project", `{"project": "p2"}`)
	s.root.OK(t, "DELETE", bob, "")
	s.root.OK(t, "PUT", bob, `{"password": "bob-secret"}`)
	s.root.OK(t, "POST", bob+"/add_project", `{"project": "p1"}`)
	if why := former.hasEnded(t); why != "you may not watch this console any more" {
		t.Errorf("ended because %q", why)
	}
}

// TestTheNightsLog is read in the morning, also if the server was started anew in between.
func TestTheNightsLog(t *testing.T) {
	t.Parallel()
	machine := &bmctest.Echo{}
	home := servertest.NewSite(t, "", nil)
	home.CreateAdmin(t, "root", "secret")
	s := populate(t, home.Start(t), machine)
	s.ann.OK(t, "PUT", "/v0/node/n1/console/log", `{"enabled": true}`)
	s.prints(t, machine, "evening\r\n")
	s.Stop()
	s.at(home.Start(t))
	s.prints(t, machine, "morning\r\n")
	text := s.ann.OK(t, "GET", "/v0/node/n1/console?follow=false&tail=100", "").Body
	if !strings.Contains(text, "evening") || !strings.Contains(text, "morning") || strings.Count(text, "console opened]") != 2 {
		t.Errorf("the log says %q", text)
	}
	if a := s.ann.OK(t, "GET", "/v0/node/n1/console/log", "").JSON(t); a["state"] != "open" || a["bytes"] == 0.0 {
		t.Errorf("the log is %v", a)
	}
	s.ann.OK(t, "PUT", "/v0/node/n1/console/log", `{"enabled": false}`)
	servertest.Eventually(t, "the session is closed", func() (bool, any) { n := s.controller.Consoles(); return n == 0, n })
}

// prints makes the machine print until the log has it: as long as nobody listens what is printed is lost.
func (s *site) prints(t *testing.T, machine *bmctest.Echo, text string) {
	t.Helper()
	servertest.Eventually(t, "the log has "+text, func() (bool, any) {
		_ = machine.Print(text) // nobody may be attached yet
		got := s.ann.OK(t, "GET", "/v0/node/n1/console?follow=false", "").Body
		return strings.Contains(got, strings.TrimSpace(text)), got
	})
}
