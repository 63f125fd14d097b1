package fabric_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestDifference(t *testing.T) {
	t.Parallel()
	closed := netswitch.Closed("p")
	for want, running := range map[string]netswitch.PortState{
		"": closed,
		"running is up without any VLAN, wanted closed":                          {Up: true},
		"running carries VLAN 103 (native), wanted closed":                       {Native: 103, Up: true},
		"running carries VLAN 7, wanted closed":                                  {Tagged: []int{7}, Up: true},
		"running carries VLANs 103 (native), 7, wanted closed":                   {Native: 103, Tagged: []int{7}, Up: true},
		"running carries VLANs 1-3, 5, 7-8 while it is shut down, wanted closed": {Tagged: []int{1, 2, 3, 5, 7, 8}},
		"running carries VLAN 1 (native) while it is shut down, wanted closed":   {Native: 1},
		"running carries VLANs 1 (native), 2-4094, wanted closed":                {Native: 1, Tagged: all(2, 4094), Up: true},
		"running carries VLANs 7 (native), unknown others, wanted closed":        {Native: 7, Tagged: []int{netswitch.Unknown}, Up: true},
		"running carries VLANs 1-4094 while it is shut down, wanted closed":      {Tagged: all(1, 4094)},
	} {
		if got := fabric.Difference(closed, running); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	up := netswitch.PortState{Native: 100, Tagged: []int{200}, Up: true}
	if got := fabric.Difference(up, closed); got != "running is closed, wanted VLANs 100 (native), 200" {
		t.Errorf("got %q", got)
	}
}

func all(first, last int) []int {
	var vlans []int
	for v := first; v <= last; v++ {
		vlans = append(vlans, v)
	}
	return vlans
}
