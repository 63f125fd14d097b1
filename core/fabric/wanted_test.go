package fabric_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestWanted(t *testing.T) {
	t.Parallel()
	on := func(channel string, vlan int) store.Attached {
		return store.Attached{Network: core.Network{ID: int64(vlan), VLAN: vlan}, Channel: channel}
	}
	connect := func(w store.Work, channel string, vlan int) store.Work {
		w.Action = &core.Action{Type: core.ModifyPort, Channel: channel}
		w.Connect = &core.Network{ID: int64(vlan), VLAN: vlan}
		return w
	}
	act := func(w store.Work, a core.Action) store.Work { w.Action = &a; return w }
	work := func(nic, project int64, attached ...store.Attached) store.Work {
		return store.Work{Port: core.Port{DeviceName: "p"}, NICID: nic, ProjectID: project, Attached: attached}
	}
	native, tagged := on(core.NativeChannel, 100), on("vlan/101", 101)
	closed := netswitch.Closed("p")
	carries := func(native int, tagged ...int) netswitch.PortState {
		return netswitch.PortState{Port: "p", Native: native, Tagged: tagged, Up: true}
	}
	for name, c := range map[string]struct {
		work store.Work
		want netswitch.PortState
	}{
		"a port without a NIC is closed":                {work(0, 0), closed},
		"the port of a free node is closed":             {work(1, 0), closed},
		"a NIC on no network is closed":                 {work(1, 1), closed},
		"whatever is on a free node's NIC":              {work(1, 0, native), closed},
		"a native network":                              {work(1, 1, native), carries(100)},
		"a tagged network alone":                        {work(1, 1, tagged), carries(0, 101)},
		"tagged networks ascend":                        {work(1, 1, on("vlan/300", 300), native, on("vlan/7", 7)), carries(100, 7, 300)},
		"a connect on the native channel":               {connect(work(1, 1), core.NativeChannel, 100), carries(100)},
		"a connect on its own channel":                  {connect(work(1, 1, native), "vlan/101", 101), carries(100, 101)},
		"a connect to a free node's NIC":                {connect(work(1, 0), core.NativeChannel, 100), closed},
		"a detach leaves the others":                    {act(work(1, 1, native, tagged), core.Action{Channel: core.NativeChannel}), carries(0, 101)},
		"a detach of the last closes":                   {act(work(1, 1, native), core.Action{Channel: core.NativeChannel}), closed},
		"a revert clears":                               {act(work(1, 1, native, tagged), core.Action{Type: core.RevertPort}), closed},
		"a detach of what is not there changes nothing": {act(work(1, 1, native), core.Action{Channel: "vlan/5"}), carries(100)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fabric.Wanted(c.work); !got.Equal(c.want) || got.Port != "p" {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
