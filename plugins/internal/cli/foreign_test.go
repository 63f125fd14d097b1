package cli_test

import (
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// TestAPortThatIsNotTheServersIsNeverAsWanted: a member of a port-channel, the destination of a monitor session or a tunnel
// carries more than its VLANs say, so that no action may end well for being the same as these, and no check either.
func TestAPortThatIsNotTheServersIsNeverAsWanted(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]cli.Port{
		"access, foreign":   {Mode: cli.Access, Access: 10, Foreign: "is the destination of a monitor session"},
		"trunk, foreign":    {Mode: cli.Trunk, Native: 10, Allowed: cli.VLANsOf(10), Foreign: "is a member of port-channel 24"},
		"another mode":      {Mode: cli.OtherMode, Native: 10, Allowed: cli.VLANsOf(10)},
		"tagged in another": {Mode: cli.OtherMode, Allowed: cli.VLANsOf(20)},
	} {
		p.Name = "p"
		for _, want := range []netswitch.PortState{{Port: "p", Native: 10, Up: true}, {Port: "p", Tagged: []int{20}, Up: true}} {
			if got := p.State(); got.Equal(want) {
				t.Errorf("%s: it is taken for %+v", name, want)
			}
		}
		p.Shut, p.Access, p.Native, p.Allowed = true, 0, 0, cli.VLANs{}
		if got := p.State(); !got.Equal(netswitch.Closed("p")) {
			t.Errorf("%s: shut and empty it is %+v", name, got)
		}
	}
}
