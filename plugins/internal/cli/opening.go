package cli

import (
	"fmt"
	"slices"

	"github.com/CCI-MOC/haas/sdk"
)

// postpone parts the opening of ports from what else they lack, where that takes fewer lines: as long as all of them are
// shut, each is entered straight from another, then they are looked at, and those that are as they should be are opened
// together.
func (s *session) postpone(changes []*change) {
	var opening []*change
	for _, c := range changes {
		if s.opens(c) {
			opening = append(opening, c)
		}
	}
	steps := len(s.groups(opening, (*change).present))
	together := len(s.groups(opening, func(*change) []string { return []string{s.family.Words.Open} }))
	// Apart, each step opens its ports, and is left before the next. Together, the last of them is left, the ports are
	// looked at, and each line of ports is entered, opened and left.
	if apart := 2*steps - 1; apart <= 2+3*together {
		return
	}
	for _, c := range opening {
		n := len(c.lines) - 1
		c.lines, c.opening = c.lines[:n:n], c.lines[n:]
	}
}

// present are the lines of a change.
func (c *change) present() []string { return c.lines }

// opens reports whether a change is one of a port that stays shut until its last line.
func (s *session) opens(c *change) bool {
	words, n := s.family.Words, len(c.lines)
	return c.fault == nil && n > 0 && c.shut && c.lines[n-1] == words.Open && !slices.Contains(c.lines[:n-1], words.Open)
}

// closes reports whether the port is closed first, and looked at then.
func (c *change) closes() bool { return len(c.closing) > 0 }

// waits reports whether the port is looked at once it is configured, and opened then.
func (c *change) waits() bool { return len(c.opening) > 0 }

// notClosed is the fault of a port that was not found closed.
func (c *change) notClosed(found Port) *sdk.Error {
	if found.isClosed() {
		return nil
	}
	return unseen(c.closing, "is closed")
}

// notReady is the fault of a port that was not found to be all that is wanted of it but open.
func (c *change) notReady(found Port) *sdk.Error {
	ready := found.Mode == Trunk && found.Shut && found.Foreign == "" &&
		found.Native == c.want.Native && found.Allowed == VLANsOf(c.want.VLANs()...)
	if ready {
		return nil
	}
	return unseen(c.lines, "has its VLANs, so it is left shut")
}

func unseen(lines []string, what string) *sdk.Error {
	return &sdk.Error{Code: sdk.Internal, Retryable: true, Text: fmt.Sprintf(
		"the switch accepted %q, but its running configuration does not show that the port %s", lines, what)}
}
