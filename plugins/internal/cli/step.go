package cli

import (
	"slices"

	"github.com/CCI-MOC/haas/sdk"
)

// step is something to configure: VLANs to create, or ports to enter together and the lines for them. It may be done
// again.
type step struct {
	vlans   VLANs
	changes []*change
	lines   []string
	// shut says that the ports are shut all the while. Were the line lost that enters them, the ports entered before would
	// get the lines, which lets nothing through as long as those are shut too, and is seen before any of them opens.
	shut bool
	// alone says that the step begins and ends where nothing is entered.
	alone bool
}

// follows reports whether the step's ports may be entered straight from those of the step before.
func (s step) follows(before step) bool { return s.shut && before.shut }

// isPorts reports whether the step is about ports.
func (s step) isPorts() bool { return s.vlans.Empty() }

// isDone reports whether nothing is left to do.
func (s step) isDone() bool { return s.isPorts() && len(s.changes) == 0 }

// hopeful is the step without the ports that have failed.
func (s step) hopeful() step {
	s.changes = slices.DeleteFunc(slices.Clone(s.changes), func(c *change) bool { return c.fault != nil })
	return s
}

// halves are two steps that do the same, none if the step cannot be divided.
func (s step) halves() []step {
	if s.isPorts() {
		n := len(s.changes)
		if n < 2 {
			return nil
		}
		first, second := s, s
		first.changes, second.changes = s.changes[:n/2], s.changes[n/2:]
		return []step{first, second}
	}
	ids := s.vlans.IDs()
	n := len(ids)
	if n < 2 {
		return nil
	}
	return []step{{vlans: VLANsOf(ids[:n/2]...)}, {vlans: VLANsOf(ids[n/2:]...)}}
}

// note remembers whether the ports may have changed, when the line at index i of the step's has been answered. A line
// that is refused to several ports together may have been done to some of them.
func (s step) note(i int, refusal *sdk.Error) {
	if i == 0 || refusal != nil && len(s.changes) == 1 {
		return
	}
	for _, c := range s.changes {
		c.touched = true
	}
}
