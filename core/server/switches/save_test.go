package switches_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// atASave keeps no action from being DONE. The server says that the switch is unsaved, and why, for as long as
// it is, and saves it when that can be done.
func atASave(t *testing.T, s *site) {
	t.Helper()
	for name, fault := range map[string]consoletest.Fault{
		"because the connection drops before it": {Kind: consoletest.DropBefore},
		"because the connection drops during it": {Kind: consoletest.DropDuring},
		"because the line is lost":               {Kind: consoletest.LoseCommand},
		"because its answer is garbled":          {Kind: consoletest.GarbleReply},
		"because its answer comes to no end":     {Kind: consoletest.TruncateReply},
		"although the switch has finished it":    {Kind: consoletest.DropDuring, Finish: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				sc := s.stage(t, f, scenery{options: consoletest.Options{Save: 50 * time.Millisecond}})
				fault.On, fault.Always = anySave, true
				sc.sw.Inject(fault)
				for _, w := range sc.more() {
					if words := sc.ended(t, w, sc.ask(t, w)); words != "" {
						t.Errorf("%v failed: %s", w, words)
					}
				}
				servertest.Eventually(t, "the server tells of the save", func() (bool, any) {
					shown := sc.shown(t)
					return shown["unsaved_since"] != nil && strings.HasPrefix(fmt.Sprint(shown["last_error"]), "save: "), shown
				})
				sc.sw.Heal()
				sc.saved(t)
				if e := sc.shown(t)["last_error"]; e != nil {
					t.Errorf("the server still tells of %v", e)
				}
			})
		})
	}
}
