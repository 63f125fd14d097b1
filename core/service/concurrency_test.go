package service_test

import (
	"fmt"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
)

// oneWins fails the test unless exactly one error is nil and all others are of the kind.
func oneWins(t *testing.T, errs []error, kind core.Kind) {
	t.Helper()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case core.KindOf(err) != kind:
			t.Errorf("a loser got kind %d: %v", core.KindOf(err), err)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d won", won, len(errs))
	}
}

func TestEightAtOnce(t *testing.T) {
	t.Parallel()
	public := service.Access{Public: true}
	each(t, func(t *testing.T, w *world) {
		must(t, w.NodeRegisterNIC(w.admin, "bare", "eth0", "52:54:00:00:00:01"))
		must(t, w.SwitchRegisterPort(w.admin, "s1", "gi8"))
		for _, c := range []struct {
			name string
			call func(i int) error
			lose core.Kind
		}{
			{"reserve a node", func(i int) error { return w.ProjectConnectNode(w.admin, fmt.Sprint("p", i%2+1), "f1") }, core.Blocked},
			{"connect a NIC", func(i int) error {
				return drop(w.NodeConnectNetwork(w.u1, "n1", "eth0", []string{"w1", "pub"}[i%2], ""))
			}, core.Blocked},
			{"connect and revert", func(i int) error {
				if i%2 == 0 {
					return drop(w.PortRevert(w.admin, "s1", "gi2"))
				}
				return drop(w.NodeConnectNetwork(w.u2, "n2", "eth0", "w2", ""))
			}, core.Blocked},
			{"create a project", func(int) error { return w.ProjectCreate(w.admin, "new") }, core.Duplicate},
			{"register a node", func(int) error { return w.NodeRegister(w.admin, "new", device(obmType), nil) }, core.Duplicate},
			{"register a switch", func(int) error { return w.SwitchRegister(w.admin, "new", device(switchType)) }, core.Duplicate},
			{"register a port", func(i int) error { return w.SwitchRegisterPort(w.admin, "s1", []string{"gi9", "GI9"}[i%2]) }, core.Duplicate},
			{"register a NIC", func(int) error { return w.NodeRegisterNIC(w.admin, "bare", "eth9", "52:54:00:00:00:02") }, core.Duplicate},
			{"cable a NIC", func(i int) error { return w.PortConnectNIC(w.admin, "s1", []string{"gi4", "gi8"}[i%2], "bare", "eth0") }, core.Duplicate},
			{"create a network", func(int) error { return w.NetworkCreate(w.u1, "new", "p1", only("p1"), "") }, core.Duplicate},
			{"claim a VLAN", func(i int) error { return w.NetworkCreate(w.admin, fmt.Sprint("c", i), "admin", public, "119") }, core.Duplicate},
			{"grant access", func(int) error { return w.NetworkGrantAccess(w.u1, "w1", "p2") }, core.Duplicate},
			{"revoke access", func(int) error { return w.NetworkRevokeAccess(w.u1, "w1", "p2") }, core.NotFound},
			{"create a headnode", func(int) error { return w.HeadnodeCreate(w.u1, "new", "p1", "img1", service.HeadnodeSeed{}) }, core.Duplicate},
			{"create an hnic", func(int) error { return w.HeadnodeCreateHNIC(w.u1, "new", "hn0") }, core.Duplicate},
			{"delete a headnode", func(int) error { return w.HeadnodeDelete(w.u1, "new") }, core.NotFound},
			{"add a member", func(int) error { return w.UserAddProject(w.admin, "alice", "p2") }, core.Duplicate},
			{"remove a member", func(int) error { return w.UserRemoveProject(w.admin, "alice", "p2") }, core.NotFound},
			{"delete a network", func(int) error { return w.NetworkDelete(w.u1, "new") }, core.NotFound},
			{"delete a project", func(int) error { return w.ProjectDelete(w.admin, "new") }, core.NotFound},
			{"delete a switch", func(int) error { return w.SwitchDelete(w.admin, "new") }, core.NotFound},
			{"delete a node", func(int) error { return w.NodeDelete(w.admin, "new") }, core.NotFound},
			{"delete a user", func(int) error { return w.UserDelete(w.admin, "alice") }, core.NotFound},
		} {
			t.Run(c.name, func(t *testing.T) { oneWins(t, atOnce(c.call), c.lose) })
		}
		owner := get(w.NodeShow(w.admin, "f1"))(t).Project
		oneWins(t, atOnce(func(int) error { return w.ProjectDetachNode(w.admin, owner, "f1", false) }), core.NotFound)
	})
}

func TestEightNetworksGetEightVLANs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for _, err := range atOnce(func(i int) error { return w.NetworkCreate(w.u1, fmt.Sprint("x", i), "p1", only("p1"), "") }) {
			must(t, err)
		}
		given := map[int]string{}
		for _, n := range get(w.NetworkList(w.admin))(t) {
			if other := given[n.VLAN]; other != "" {
				t.Errorf("VLAN %d is on %s and %s", n.VLAN, other, n.Name)
			}
			given[n.VLAN] = n.Name
		}
	})
}

// TestOppositeCallsAtOnce runs calls that each take away what another needs. Any of them may lose, none may break.
func TestOppositeCallsAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		calls := []func() error{
			func() error { return drop(w.NodeConnectNetwork(w.u1, "n1", "eth0", "w1", "")) },
			func() error { return w.NetworkDelete(w.u1, "w1") },
			func() error { return w.ProjectDetachNode(w.u1, "p1", "n1", false) },
			func() error { return w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", false) },
			func() error { return w.HeadnodeDelete(w.u1, "h1") },
			func() error { return w.NodeDeleteNIC(w.admin, "f1", "eth0") },
			func() error { return w.PortDetachNIC(w.admin, "s1", "gi3") },
			func() error { return w.NodeDelete(w.admin, "f1") },
		}
		for _, err := range atOnce(func(i int) error { return calls[i]() }) {
			if err != nil && core.KindOf(err) == core.Internal {
				t.Error(err)
			}
		}
	})
}
