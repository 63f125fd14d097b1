package switches_test

import (
	"io"
	"net"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// atLogin has an action end in ERROR when the switch cannot be reached or does not let the server in, and the
// same wish come about afterwards.
func atLogin(t *testing.T, s *site) {
	t.Helper()
	for name, c := range map[string]struct {
		kind  consoletest.Kind
		words string
	}{
		"the connection is reset":                     {consoletest.RefuseConnection, "reset|closed the connection|no session left"},
		"the switch is silent":                        {consoletest.SilentConnection, "no answer within 1s.*last heard: nothing"},
		"the switch is silent behind its options":     {consoletest.HangSession, "no answer within 1s.*last heard: nothing"},
		"the switch says that it has no session left": {consoletest.RefuseSession, `no session left; last heard: "Too many`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				sc := s.stage(t, f, scenery{more: hasty})
				for _, w := range sc.more() {
					sc.loggedOut(t)
					at := sc.sw.Inject(consoletest.Fault{Kind: c.kind, Always: true})
					sc.fails(t, w, c.words)
					if at.Hits() == 0 {
						t.Error("the fault befell no connection")
					}
					sc.sw.Heal()
					sc.settles(t)
					sc.comesAbout(t, w)
				}
			})
		})
	}
}

// fails wants a wish to end in ERROR, with words like these and what to do.
func (s *scene) fails(t *testing.T, w wish, words string) {
	t.Helper()
	s.tells(t, w, s.ended(t, w, s.ask(t, w)), lasting{words: words})
}

// onTheWay shuts the door before an action, and opens it again.
func onTheWay(t *testing.T, s *site) {
	t.Helper()
	onEach(t, func(t *testing.T, f family) {
		d := &door{}
		sc := s.stage(t, f, scenery{more: hasty, door: d})
		for _, w := range sc.more() {
			sc.loggedOut(t)
			d.shut()
			sc.fails(t, w, "connection refused")
			d.open(t, sc.sw)
			sc.settles(t)
			sc.comesAbout(t, w)
		}
	})
}

// withoutASessionLeft has the only one taken by somebody else before an action, and given back.
func withoutASessionLeft(t *testing.T, s *site) {
	t.Helper()
	for name, c := range map[string]struct {
		full  consoletest.Fullness
		words string
	}{
		"and the next one is told":       {consoletest.FullWords, `no session left; last heard: "Too many`},
		"and the next one is hung up on": {consoletest.FullCloses, "no session left"},
		"and the next one hangs":         {consoletest.FullHangs, "no answer within 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				sc := s.stage(t, f, scenery{more: hasty, options: consoletest.Options{Sessions: 1, Full: c.full}})
				for _, w := range sc.more() {
					giveBack := sc.sw.occupy(t)
					sc.fails(t, w, c.words)
					giveBack()
					sc.settles(t)
					sc.comesAbout(t, w)
				}
			})
		})
	}
}

// loggedOut waits until the server has given its session up, so that it logs in for the next visit.
func (s *scene) loggedOut(t *testing.T) {
	t.Helper()
	s.sw.hasSessions(t, 0)
}

func (d *device) hasSessions(t *testing.T, n int) {
	t.Helper()
	servertest.Eventually(t, "the switch's sessions", func() (bool, any) { return d.Sessions() == n, d.Sessions() })
}

// occupy takes the only session, until it is given back.
func (d *device) occupy(t *testing.T) (giveBack func()) {
	t.Helper()
	d.hasSessions(t, 0)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", d.address)
	noError(t, err)
	go func() { _, _ = io.Copy(io.Discard, conn) }() // ends with the connection
	d.hasSessions(t, 1)
	return func() {
		_ = conn.Close() // it has nothing to write
		d.hasSessions(t, 0)
	}
}

// atARejectedLogin has one tried once, whatever is asked for afterwards, so that the account is not locked, until somebody
// changes the settings.
func atARejectedLogin(t *testing.T, s *site) {
	t.Helper()
	onEach(t, func(t *testing.T, f family) {
		sc := s.stage(t, f, scenery{})
		w := sc.more()[0]
		sc.loggedOut(t)
		at := sc.sw.Inject(consoletest.Fault{Kind: consoletest.RejectLogin, Always: true})
		sc.fails(t, w, "rejected the user name or the password")
		sc.fails(t, w, "not tried again")
		sc.fails(t, w, "not tried again")
		if n := at.Hits(); n != 1 {
			t.Errorf("%d logins were tried", n)
		}
		sc.sw.Heal()
		s.root.OK(t, "POST", "/switch/"+sc.sw.label+"/settings", `{"deadline": "20s"}`)
		sc.settles(t)
		sc.comesAbout(t, w)
	})
}

// thatIsUnusual is a login that comes about all the same.
func thatIsUnusual(t *testing.T, s *site) {
	t.Helper()
	for name, change := range map[string]func(*device){
		"with another banner": func(d *device) {
			d.Inject(consoletest.Fault{Kind: consoletest.ChangeBanner, Always: true, Text: "\r\n# Authorised use only\r\n" +
				"3 login failures since the last login: report them\r\npassword: never say it\r\nswitch# is what this is\r\n"})
		},
		"with another prompt": func(d *device) { d.SetHostname("rack-7.dc1") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				sc := s.stage(t, f, scenery{})
				sc.loggedOut(t)
				change(sc.sw)
				logins := sc.sw.Logins()
				for _, w := range sc.more() {
					sc.comesAbout(t, w)
				}
				if sc.sw.Logins() == logins {
					t.Error("nobody logged in")
				}
			})
		})
	}
}
