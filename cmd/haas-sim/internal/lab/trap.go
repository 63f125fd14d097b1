package lab

import (
	"regexp"
	"sync"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// configuring matches the lines of all families that change what a port carries, and those on the way to them.
var configuring = regexp.MustCompile(`^(conf|int|vlan|(no )?(switchport|sw|shut))`)

// trap stops a switch in the middle of its configuration, until what is to happen then has happened.
type trap struct {
	mu sync.Mutex // guards the fields below
	// left is how many configuring commands pass, the last of which springs the trap; 0 is no trap.
	left, hits int
	sprung     chan<- *trap
	resume     chan struct{}
}

// set lays the trap at the nth configuring command from now. The switch then tells sprung and waits for release. Hits
// is 1 if it has sprung since.
func (t *trap) set(nth int, sprung chan<- *trap) (hits func() int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left, t.hits, t.sprung, t.resume = nth, 0, sprung, make(chan struct{})
	return func() int {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.hits
	}
}

// release lets the switch go on, and takes the trap away.
func (t *trap) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left = 0
	if t.resume != nil {
		close(t.resume)
		t.resume = nil
	}
}

// pass counts a command that has taken effect.
func (t *trap) pass(typed consoletest.Typed) {
	if !configuring.MatchString(typed.Line) {
		return
	}
	if sprung, resume := t.step(); sprung != nil {
		select {
		case sprung <- t:
			<-resume
		case <-resume:
		}
	}
}

// step is whom to tell if the trap springs now.
func (t *trap) step() (sprung chan<- *trap, resume <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left == 0 {
		return nil, nil
	}
	if t.left--; t.left > 0 {
		return nil, nil
	}
	t.hits++
	return t.sprung, t.resume
}
