package switches_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// The commands of visits, as both families understand them.
var (
	anyRead   = regexp.MustCompile(`^show `)
	anyEnter  = regexp.MustCompile(`^interface (range )?(Ethernet|gi)`)
	anyChange = regexp.MustCompile(`trunk allowed vlan (add|remove)`)
	anySave   = regexp.MustCompile(`^copy running-config`)
)

// lasting is a fault that trying again does not mend, and what the action's error tells of it.
type lasting struct {
	fault consoletest.Fault
	words string
	// done says that the wish comes about all the same: the switch does not say so, but it can be seen.
	done bool
}

func lastingFaults() map[string]lasting {
	const (
		hungUp     = "closed the connection"
		silent     = "no answer within 1s"
		unbelieved = "cannot be believed|cut off|does not close|outside of an interface|garbled|no answer within 1s"
		unseen     = "running configuration shows"
	)
	fault := func(kind consoletest.Kind, on *regexp.Regexp) consoletest.Fault {
		return consoletest.Fault{Kind: kind, On: on, Always: true}
	}
	return map[string]lasting{
		"the connection drops before the first command": {fault: fault(consoletest.DropBefore, anyRead), words: hungUp},
		"the connection drops before a change":          {fault: fault(consoletest.DropBefore, anyChange), words: hungUp},
		"the connection drops after a change":           {fault: fault(consoletest.DropAfter, anyChange), done: true},
		"no reading comes to its end":                   {fault: fault(consoletest.TruncateReply, anyRead), words: silent},
		"no change is answered":                         {fault: fault(consoletest.TruncateReply, anyChange), done: true},
		"readings are cut off":                          {fault: fault(consoletest.TruncateOutput, anyRead), words: unbelieved},
		"readings are garbled":                          {fault: fault(consoletest.GarbleReply, anyRead), words: unbelieved},
		"readings come too late":                        {fault: consoletest.Fault{Kind: consoletest.SlowReply, On: anyRead, Always: true, Delay: 1500 * time.Millisecond}, words: silent},
		"changes are lost":                              {fault: fault(consoletest.LoseCommand, anyChange), words: unseen},
		"the port is never entered":                     {fault: fault(consoletest.LoseCommand, anyEnter), words: "unexpected answer"},
		"a character of the port is lost":               {fault: fault(consoletest.LoseCharacter, regexp.MustCompile(`(?i)^interface (ethernet|gi)1/(0/)?12$`)), words: "echoed"},
		"a character of the VLAN is lost":               {fault: fault(consoletest.LoseCharacter, regexp.MustCompile(`vlan (add|remove) \d\d$`)), words: "echoed"},
		"changes are garbled":                           {fault: fault(consoletest.GarbleReply, anyChange), done: true},
		"the switch says OK and does nothing":           {fault: fault(consoletest.IgnoreConfig, anyChange), words: unseen},
	}
}

// thatLasts has an action end in ERROR, with what the switch did and what to do, and the port come to what the
// database says once the switch is mended.
func thatLasts(t *testing.T, s *site) {
	t.Helper()
	for name, c := range lastingFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				sc := s.stage(t, f, scenery{more: hasty})
				for _, w := range sc.more() {
					at := sc.sw.Inject(c.fault)
					words := sc.ended(t, w, sc.ask(t, w))
					sc.tells(t, w, words, c)
					if at.Hits() == 0 {
						t.Errorf("%v: the fault befell nothing of %q", w, raws(sc.sw.History()))
					}
					sc.sw.Heal()
					sc.settles(t)
					if words != "" {
						sc.comesAbout(t, w)
					}
				}
			})
		})
	}
}

// tells wants the words of an action to be those of a lasting fault.
func (s *scene) tells(t *testing.T, w wish, words string, c lasting) {
	t.Helper()
	switch {
	case c.done && words != "":
		t.Errorf("%v failed: %s", w, words)
	case !c.done && !regexp.MustCompile(c.words).MatchString(words):
		t.Errorf("%v ended with %q, want words like %q", w, words, c.words)
	case !c.done && !advice.MatchString(words):
		t.Errorf("%v ended with %q, which does not tell what to do", w, words)
	}
}

// advice is how errors say what to do.
var advice = regexp.MustCompile(`; (look at|mend that|correct it|choose something)[^;]*$`)

// comesAbout wants a wish to be fulfilled.
func (s *scene) comesAbout(t *testing.T, w wish) {
	t.Helper()
	if words := s.ended(t, w, s.ask(t, w)); words != "" {
		t.Errorf("%v failed with nothing broken: %s", w, words)
	}
	s.settles(t)
}
