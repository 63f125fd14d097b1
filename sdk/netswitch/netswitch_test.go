package netswitch_test

import (
	"reflect"
	"testing"

	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestVLANs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state netswitch.PortState
		want  []int
	}{
		{netswitch.Closed("p"), []int{}},
		{netswitch.PortState{Native: 5}, []int{5}},
		{netswitch.PortState{Tagged: []int{1, 9}}, []int{1, 9}},
		{netswitch.PortState{Native: 5, Tagged: []int{1, 9}}, []int{1, 5, 9}},
		{netswitch.PortState{Native: 1, Tagged: []int{5, 9}}, []int{1, 5, 9}},
		{netswitch.PortState{Native: 9, Tagged: []int{1, 5}}, []int{1, 5, 9}},
	} {
		if got := c.state.VLANs(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("VLANs of %+v are %v, want %v", c.state, got, c.want)
		}
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	state := netswitch.PortState{Port: "p", Native: 5, Tagged: []int{1, 9}, Up: true}
	same := netswitch.PortState{Port: "another spelling", Native: 5, Tagged: []int{1, 9}, Up: true}
	if !state.Equal(same) || !netswitch.Closed("p").Equal(netswitch.PortState{Tagged: []int{}}) {
		t.Error("equal states are not")
	}
	for _, other := range []netswitch.PortState{
		{Native: 6, Tagged: []int{1, 9}, Up: true},
		{Native: 5, Tagged: []int{1, 8}, Up: true},
		{Native: 5, Tagged: []int{1}, Up: true},
		{Native: 5, Tagged: []int{1, 9}},
	} {
		if state.Equal(other) {
			t.Errorf("%+v equals %+v", state, other)
		}
	}
}
