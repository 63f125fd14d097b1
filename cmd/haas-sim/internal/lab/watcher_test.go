// These tests are inside the package for the reason that main_test.go gives.
package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

// rig is a bridge with two machines of physics and two of biology, and no server: what is on the ports, the test says.
func rig(t *testing.T) (*Lab, *ovstest.Switch) {
	t.Helper()
	needsSwitch(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	l := &Lab{o: Options{Out: out{t}}, ctx: ctx, cancel: cancel}
	t.Cleanup(func() { closeLab(t, l) })
	must(t, l.makeDir(ctx))
	must(t, l.startSwitches(ctx))
	l.machines = newMachines()[:4]
	for i, m := range l.machines {
		l.atEnd(m.stop)
		must(t, m.start(ctx, l.ovs, nexus))
		vlan := firstVLAN + i/2
		m.native = &network{vlan: vlan}
		l.ovs.MustCtl(t, "set", "Port", m.plug(), "vlan_mode=access", fmt.Sprintf("tag=%d", vlan))
	}
	l.watcher = newWatcher("rig", l.machines, vlans())
	for i, m := range l.machines {
		l.watcher.owned(m, []string{"physics", "biology"}[i/2])
	}
	l.background.Go(func() {
		if err := l.watcher.run(ctx); err != nil {
			t.Error(err)
		}
	})
	return l, l.ovs
}

func TestSeparateProjectsPass(t *testing.T) {
	t.Parallel()
	l, _ := rig(t)
	must(t, l.check(t.Context()))
}

// TestWatcherSees shows that each way in which a switch can be wrong is seen.
func TestWatcherSees(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string][]string{
		"a port on the VLAN of another project":       {"tag=201"},
		"a trunk of all VLANs":                        {"vlan_mode=trunk", "tag=[]", "trunks=[]"},
		"a VLAN too many with a tag":                  {"vlan_mode=native-untagged", "trunks=201"},
		"a VLAN of another project that sends no tag": {"vlan_mode=native-untagged", "tag=201", "trunks=202"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := rig(t)
			must(t, l.check(t.Context()))
			s.MustCtl(t, append([]string{"set", "Port", "n3-eth0"}, wrong...)...)
			must(t, until(t.Context(), func() (bool, any, error) { return l.watcher.verdict() != nil, l.watcher, nil }))
			err := l.watcher.verdict()
			if !errors.Is(err, errForeign) || !strings.Contains(err.Error(), "n3 of biology") {
				t.Errorf("told %v", err)
			}
		})
	}
}

// TestWatcherSeesAMoment shows that it is enough if a switch was wrong once.
func TestWatcherSeesAMoment(t *testing.T) {
	t.Parallel()
	l, s := rig(t)
	must(t, l.check(t.Context()))
	s.MustCtl(t, "set", "Port", "n3-eth0", "tag=201")
	must(t, until(t.Context(), func() (bool, any, error) { return l.watcher.verdict() != nil, l.watcher, nil }))
	s.MustCtl(t, "set", "Port", "n3-eth0", "tag=202")
	if err := l.check(t.Context()); !errors.Is(err, errForeign) {
		t.Errorf("after a wrong moment: %v", err)
	}
}

func TestWatcherWantsFreeMachinesAlone(t *testing.T) {
	t.Parallel()
	l, _ := rig(t)
	l.watcher.free(l.machines[0])
	must(t, until(t.Context(), func() (bool, any, error) { return l.watcher.verdict() != nil, l.watcher, nil }))
}

// TestCheckFails shows that a machine that does not reach whom it should, or reaches whom it should not though the
// project is the same, is a failure too.
func TestCheckFails(t *testing.T) {
	t.Parallel()
	l, s := rig(t)
	l.machines[1].native = nil
	if err := l.check(t.Context()); err == nil || !strings.Contains(err.Error(), "must not") {
		t.Errorf("a machine that should be on no network: %v", err)
	}
	l.machines[1].native = l.machines[0].native
	s.MustCtl(t, "set", "Port", "n2-eth0", "tag=204")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.check(ctx); err == nil {
		t.Error("a machine that is nowhere passes")
	}
}
