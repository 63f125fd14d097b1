package switches_test

import (
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// thatIsHarmless is what switches do, at every command: changes come about at once all the same.
func thatIsHarmless(t *testing.T, s *site) {
	t.Helper()
	for name, fault := range map[string]consoletest.Fault{
		"writes log lines inside its answers": {Kind: consoletest.LogInside},
		"writes log lines behind the prompt":  {Kind: consoletest.LogBehind},
		"pages although it was told not to":   {Kind: consoletest.ForcePager},
		"is slow":                             {Kind: consoletest.SlowReply, Delay: 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				sc := s.stage(t, f, scenery{})
				sc.typed(t, f.fill()...)
				fault.Always = true
				sc.sw.Inject(fault)
				for _, w := range append(sc.more(), less()...) {
					sc.comesAbout(t, w)
				}
				if again := sc.putOff(); again != "" {
					t.Errorf("the server had to try again: %s", again)
				}
			})
		})
	}
}
