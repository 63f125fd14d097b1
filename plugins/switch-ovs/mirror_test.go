// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/internal/ovsdb"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// TestTheOutputOfAMirrorIsNeverAsWanted: it gets copies of what others send, whatever its columns say. A machine on it
// must not be taken for one whose port is closed.
func TestTheOutputOfAMirrorIsNeverAsWanted(t *testing.T) {
	t.Parallel()
	for _, want := range []netswitch.PortState{netswitch.Closed("p"), up("p", 5), up("p", 5, 6), up("p", 0, 6, 7)} {
		p := port{Name: "p", UUID: "u", vlanColumns: columnsOf(want)}
		b := &bridge{name: "br0", ports: map[string]port{"p": p}}
		if got := b.state(p); !got.Equal(want) {
			t.Errorf("an ordinary port is %+v instead of %+v", got, want)
		}
		b.outputs = []ovsdb.UUID{"u"}
		if got := b.state(p); got.Equal(want) || !got.Up {
			t.Errorf("the output of a mirror is %+v", got)
		}
	}
}
