package switches_test

import (
	"fmt"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// thatDelaysOnlyItsSwitch: an action of another switch begins and ends while the first one's is pending.
func thatDelaysOnlyItsSwitch(t *testing.T, s *site) {
	t.Helper()
	for name, fault := range map[string]consoletest.Fault{
		"before its login":          {Kind: consoletest.SilentConnection},
		"without a session left":    {Kind: consoletest.HangSession},
		"in the midst of an answer": {Kind: consoletest.TruncateReply, On: anyRead},
		"in the midst of a change":  {Kind: consoletest.TruncateReply, On: anyChange},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				const patient = `, "deadline": "2m"`
				hanging := s.stage(t, f, scenery{more: patient})
				other, w := s.stage(t, f, scenery{}), hanging.more()[0]
				hanging.loggedOut(t)
				fault.Always = true
				at := hanging.sw.Inject(fault)
				id := hanging.ask(t, w)
				servertest.Eventually(t, "the switch hangs", func() (bool, any) { return at.Hits() > 0, at.Hits() })
				if words := other.ended(t, w, other.ask(t, w)); words != "" {
					t.Errorf("beside a switch that hangs: %s", words)
				}
				if status := s.root.OK(t, "GET", "/v0/networking_action/"+id, "").JSON(t)["status"]; status != "PENDING" {
					t.Errorf("the action of the switch that hangs ended %v", status)
				}
				hanging.sw.Heal()
				hanging.sw.Reboot()
				if words := hanging.ended(t, w, id); words != "" {
					t.Errorf("it failed in the end: %s", words)
				}
			})
		})
	}
}

// TestTwoServersShareOneSession: two servers on one database both work for the same switches and answer questions about
// them, and neither opens a session beside the other's.
func TestTwoServersShareOneSession(t *testing.T) {
	t.Parallel()
	r := newRoom(t, storetest.URI(t, storetest.Postgres), servertest.Sections{
		"fabric": {"linger": "100ms"}, "network-daemon": {"sleep_time": "0.05"},
	})
	roots := []servertest.Client{r.Start(t).As("root", "secret"), r.Start(t).As("root", "secret")}
	onEach(t, func(t *testing.T, f family) {
		own := &room{Site: r.Site, switches: map[string]*device{}, nodes: map[string]place{}}
		own.share(t, f, roots)
	})
}

// share has two servers connect eight nodes of a switch, and look at it meanwhile.
func (r *room) share(t *testing.T, f family, roots []servertest.Client) {
	t.Helper()
	sw := r.install(t, f.name, f, consoletest.Options{})
	sw.register(t, roots[0], "")
	roots[0].OK(t, "PUT", "/project/"+f.name, "")
	roots[0].OK(t, "PUT", "/network/"+f.name, fmt.Sprintf(`{"creator": %q, "access": %q, "net_id": ""}`, f.name, f.name))
	var nodes, ids []string
	for n := range 8 {
		nodes = append(nodes, r.cable(t, roots[0], sw, n+1))
	}
	r.closed(t)
	for i, node := range nodes {
		roots[0].OK(t, "POST", "/project/"+f.name+"/connect_node", fmt.Sprintf(`{"node": %q}`, node))
		sw.law.grant(f.port(i+1), vlanOf(t, roots[0], f.name))
	}
	for i, node := range nodes {
		answer := roots[i%2].OK(t, "POST", "/node/"+node+"/nic/eth0/connect_network", fmt.Sprintf(`{"network": %q}`, f.name))
		ids = append(ids, fmt.Sprint(answer.JSON(t)["status_id"]))
		roots[i%2].OK(t, "GET", "/v0/switch/"+f.name+"/port/"+f.port(i+1)+"/state", "")
	}
	for i, id := range ids {
		settled(t, roots[(i+1)%2].Settled(t, id))
	}
	if most := sw.MostSessions(); most != 1 {
		t.Errorf("there were %d sessions at once", most)
	}
}
