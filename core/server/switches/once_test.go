package switches_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// hasty is the setting of a switch that is given up soon when it says nothing.
const hasty = `, "deadline": "1s"`

// atAnyPoint has a fault befall one command of a visit, the first, the second and so on to the last,
// and its save. Trying again mends each.
func atAnyPoint(t *testing.T, s *site) {
	t.Helper()
	for name, c := range map[string]struct {
		fault consoletest.Fault
		more  string
		// less says that a port is closed and opened too, and not only given more and less.
		less bool
	}{
		"the connection drops before it":            {fault: consoletest.Fault{Kind: consoletest.DropBefore}, less: true},
		"the connection drops when it is done":      {fault: consoletest.Fault{Kind: consoletest.DropAfter}, less: true},
		"the command is lost":                       {fault: consoletest.Fault{Kind: consoletest.LoseCommand}, less: true},
		"the switch says OK and does nothing":       {fault: consoletest.Fault{Kind: consoletest.IgnoreConfig}, less: true},
		"its output is cut off":                     {fault: consoletest.Fault{Kind: consoletest.TruncateOutput}, more: hasty},
		"its answer is garbled":                     {fault: consoletest.Fault{Kind: consoletest.GarbleReply}, more: hasty},
		"its answer is cut off and no prompt comes": {fault: consoletest.Fault{Kind: consoletest.TruncateReply}, more: hasty},
		"its answer comes too late":                 {fault: consoletest.Fault{Kind: consoletest.SlowReply, Delay: 1500 * time.Millisecond}, more: hasty},
		"the prompt is another after it":            {fault: consoletest.Fault{Kind: consoletest.Rename}, more: hasty},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				t.Run("of a second network", func(t *testing.T) {
					t.Parallel()
					sc := s.stage(t, f, scenery{more: c.more})
					sc.everywhere(t, c.fault, sc.more())
				})
				if !c.less {
					return
				}
				t.Run("of the only network", func(t *testing.T) {
					t.Parallel()
					sc := s.stage(t, f, scenery{more: c.more})
					sc.everywhere(t, c.fault, less())
				})
			})
		})
	}
}

// everywhere has a fault befall each command of the visits of two wishes in turn, until there is none to befall.
func (s *scene) everywhere(t *testing.T, fault consoletest.Fault, wishes []wish) {
	t.Helper()
	for met := true; met; {
		met, fault.Nth = false, fault.Nth+1
		for i, w := range wishes {
			if fault.Kind == consoletest.Rename {
				fault.Text = fmt.Sprintf("renamed-%d-%d", fault.Nth, i)
			}
			met = s.befalls(t, fault, w) || met
		}
	}
	if fault.Nth < 5 {
		t.Errorf("the fault found %d commands", fault.Nth-1)
	}
}

// befalls has a fault befall the visit of a wish, which comes about, at once or at the second try: a garbled answer may
// be taken for a refusal. It reports whether there was anything to befall.
func (s *scene) befalls(t *testing.T, fault consoletest.Fault, w wish) bool {
	t.Helper()
	before, at := len(s.sw.History()), s.sw.Inject(fault)
	words := s.ended(t, w, s.ask(t, w))
	if words != "" && fault.Kind == consoletest.GarbleReply {
		s.arrives(t)
		words = s.ended(t, w, s.ask(t, w))
	}
	if words != "" {
		t.Errorf("%v: fault at command %d of %q: %s", w, fault.Nth, raws(s.sw.History()[before:]), words)
		return false
	}
	s.arrives(t)
	s.savedAsSaid(t)
	if fault.Kind != consoletest.Rename && !s.sw.Saved() { // a new name is not the server's to save
		t.Errorf("%v: fault at command %d: the server says that the switch is saved, and it is not", w, fault.Nth)
	}
	at.Remove()
	return at.Hits() > 0
}

// raws are lines as they were typed.
func raws(typed []consoletest.Typed) []string {
	var lines []string
	for _, c := range typed {
		lines = append(lines, c.Raw)
	}
	return lines
}
