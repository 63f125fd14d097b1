package switches_test

import (
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// TestAWrongPasswordIsMended registers a switch with a password that is not its own, and corrects that while the ports are
// there: what the switch failed with before is done at once, and nobody waits until a rejected password may be tried again.
func TestAWrongPasswordIsMended(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	onEach(t, func(t *testing.T, f family) {
		r := &room{Site: s.Site, switches: map[string]*device{}, nodes: map[string]place{}}
		sw := r.install(t, "mended-"+f.name, f, consoletest.Options{Password: "Right-One"})
		sw.register(t, s.root, "")
		node := r.cable(t, s.root, sw, ownPort)
		s.rejects(t, sw, "rejected the user name or the password")
		s.rejects(t, sw, "not tried again")
		s.corrects(t, sw, "Wrong-One")
		s.rejects(t, sw, "rejected the user name or the password")

		s.corrects(t, sw, "Right-One")
		if got := s.root.Do(t, "POST", "/switch/"+sw.label+"/test", ""); got.Status != 200 {
			t.Fatalf("with the right password: %d %s", got.Status, got.Body)
		}
		r.closed(t)
		project := "mended-" + f.name
		s.root.OK(t, "PUT", "/project/"+project, "")
		s.root.OK(t, "PUT", "/network/"+project, `{"creator": "`+project+`", "access": "`+project+`", "net_id": ""}`)
		s.root.OK(t, "POST", "/project/"+project+"/connect_node", `{"node": "`+node+`"}`)
		vlan := vlanOf(t, s.root, project)
		sw.law.grant(f.port(ownPort), vlan)
		settled(t, connect(t, s.root, node, project))
		r.native(t, node, vlan)
		if log := s.server.Log.String(); strings.Contains(log, "Right-One") || strings.Contains(log, "Wrong-One") {
			t.Error("a password is in the log")
		}
	})
}

// rejects wants a test of the switch to fail in its own words.
func (s *site) rejects(t *testing.T, sw *device, words string) {
	t.Helper()
	got := s.root.Do(t, "POST", "/switch/"+sw.label+"/test", "")
	if got.Status != 502 || !strings.Contains(got.Body, words) {
		t.Errorf("the test of %s says %d %s, want %q", sw.label, got.Status, got.Body, words)
	}
}

// corrects changes the password that the server has for the switch.
func (s *site) corrects(t *testing.T, sw *device, password string) {
	t.Helper()
	s.root.OK(t, "POST", "/switch/"+sw.label+"/settings", `{"password": "`+password+`"}`)
}
