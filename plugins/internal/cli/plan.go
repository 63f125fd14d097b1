package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// change is one wanted port of a visit.
type change struct {
	want netswitch.PortState
	// closing are lines that close the port first; they are there if it must be looked at again before it opens.
	closing []string
	// lines bring it from there to what is wanted.
	lines []string
	// opening are lines that open the port in the end, once it was seen that lines have brought it there; they are there if
	// it opens together with others.
	opening []string
	// shut says that the port is shut when lines begin.
	shut bool
	// missing are the wanted VLANs that the switch was not seen to have.
	missing VLANs
	// told says that the switch told which VLANs exist.
	told bool
	// place is where the device has the port in its order.
	place int
	// touched says that the device may have done a part of the lines.
	touched bool
	// fault is why the port cannot be as wanted, nil as long as it can.
	fault *sdk.Error
}

// isSome reports whether the port is to be configured at all.
func (c *change) isSome() bool { return len(c.lines)+len(c.opening) > 0 }

func (c *change) fail(err error) {
	if c.fault == nil {
		e := *sdk.AsError(err)
		e.Text = "port " + c.want.Port + ": " + e.Text
		c.fault = &e
	}
}

// Plan reads the ports, and gives what Apply would change, without what it would read.
func (s *session) Plan(ctx context.Context, want []netswitch.PortState) ([]string, error) {
	defer s.work()()
	changes, err := s.compare(ctx, want)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if c.fault != nil {
			return nil, c.fault
		}
	}
	return s.script(slices.Concat(s.closings(changes), s.openings(changes), s.lastly(changes))), nil
}

// script is what do types for steps, if nothing is refused.
func (s *session) script(steps []step) []string {
	lines := []string{}
	if len(steps) == 0 {
		return lines
	}
	words := s.family.Words
	if s.terminal.Mode() == "" {
		lines = append(lines, words.Configure)
	}
	entered, last := s.inPorts(), step{}
	for _, st := range steps {
		if entered && st.isPorts() && !st.follows(last) {
			lines = append(lines, words.Exit)
		}
		lines = append(lines, s.linesOf(st)...)
		entered, last = st.isPorts(), st
		if st.alone {
			lines, entered = append(lines, words.Exit), false
		}
	}
	if words.Leave {
		lines = append(lines, words.End)
	}
	return lines
}

// compare finds out what each port lacks, with one look at the switch. A wish that cannot be fulfilled has a fault.
func (s *session) compare(ctx context.Context, want []netswitch.PortState) ([]*change, error) {
	changes, names := s.check(want)
	found, err := s.find(ctx, names)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if c.fault == nil {
			s.measure(c, found)
		}
	}
	s.postpone(changes)
	return changes, nil
}

// measure finds the lines for one change.
func (s *session) measure(c *change, found map[string]placed) {
	port, ok := found[c.want.Port]
	if !ok {
		c.fault = noPort(c.want.Port)
		return
	}
	if port.Foreign != "" {
		c.fail(&sdk.Error{Code: sdk.Refused, Text: port.Foreign + ", so it is not configured"})
		return
	}
	c.place, c.missing = port.place, VLANsOf(c.want.VLANs()...).Minus(port.Exist)
	c.told = !port.Exist.Empty()
	c.lines, c.shut = s.family.Change(port.Port, c.want, s.set), port.Shut
	if len(c.lines) > 0 && c.want.Up && port.hides(c.want) {
		c.closing = s.family.Change(port.Port, netswitch.Closed(c.want.Port), s.set)
		c.lines, c.shut = s.family.Change(port.closed(), c.want, s.set), true
	}
}

// check is what can be said of wishes without the switch. The names are those of the ports that are worth reading.
func (s *session) check(want []netswitch.PortState) (changes []*change, names []string) {
	for _, w := range want {
		c := &change{want: w, fault: s.invalid(w)}
		if c.fault == nil && slices.Contains(names, w.Port) {
			c.fault = invalid(w.Port, "is wanted twice at once")
		}
		if c.fault == nil {
			names = append(names, w.Port)
		}
		changes = append(changes, c)
	}
	return changes, names
}

// invalid is why a state cannot be wanted of any switch of the family, nil if it can.
func (s *session) invalid(w netswitch.PortState) *sdk.Error {
	if own, err := s.family.Port(w.Port); err != nil || own != w.Port {
		return noPort(w.Port)
	}
	vlans := w.VLANs()
	if w.Up && len(vlans) == 0 {
		return invalid(w.Port, "carries no VLAN, so it must be shut down")
	}
	for i, id := range vlans {
		switch {
		case id < 1 || id > lastVLAN:
			return invalid(w.Port, fmt.Sprintf("VLAN %d is none: ids are from 1 to %d", id, lastVLAN))
		case id == s.set.DummyVLAN:
			return invalid(w.Port, fmt.Sprintf("VLAN %d is the switch's dummy_vlan, which no network may have", id))
		case s.family.Reserved.Has(id):
			return invalid(w.Port, fmt.Sprintf("VLAN %d is one that the switch keeps for itself, as it does %s", id, s.family.Reserved))
		case i > 0 && id <= vlans[i-1]:
			return invalid(w.Port, fmt.Sprintf("VLAN %d is wanted twice, or the tagged VLANs are not ascending", id))
		}
	}
	return nil
}

func invalid(port, text string) *sdk.Error {
	return &sdk.Error{Code: sdk.Invalid, Text: "port " + port + ": " + text}
}

// closings are the steps that close ports first.
func (s *session) closings(changes []*change) []step {
	return s.groups(changes, func(c *change) []string { return c.closing })
}

// openings are the steps after that: the VLANs, then the ports, with those last that stay shut for now.
func (s *session) openings(changes []*change) []step {
	var vlans VLANs
	var now, later []*change
	for _, c := range changes {
		if c.fault == nil && c.isSome() {
			vlans = vlans.Plus(c.missing)
		}
		if len(c.opening) > 0 {
			later = append(later, c)
		} else {
			now = append(now, c)
		}
	}
	steps := s.groups(later, (*change).present)
	for i := range steps {
		steps[i].shut = true
	}
	return slices.Concat(s.creations(vlans), s.groups(now, (*change).present), steps)
}

// lastly are the steps that open what stayed shut.
func (s *session) lastly(changes []*change) []step {
	steps := s.groups(changes, func(c *change) []string { return c.opening })
	for i := range steps {
		steps[i].alone = true
	}
	return steps
}

// creations make VLANs exist. That they might already costs less than asking for them alone: creating them again changes
// nothing.
func (s *session) creations(vlans VLANs) []step {
	if !s.set.CreateVLANs {
		return nil
	}
	var steps []step
	for _, some := range vlans.Minus(VLANsOf(1)).Split(s.family.Words.ListWidth) {
		steps = append(steps, step{vlans: some})
	}
	return steps
}

// groups put the ports that have lines together if these are equal, in the device's order, as many as fit into a line.
func (s *session) groups(changes []*change, linesOf func(*change) []string) []step {
	var keys []string
	byLines := map[string][]*change{}
	for _, c := range slices.SortedStableFunc(slices.Values(changes), func(a, b *change) int { return cmp.Compare(a.place, b.place) }) {
		if c.fault != nil || len(linesOf(c)) == 0 {
			continue
		}
		key := strings.Join(linesOf(c), "\n")
		if byLines[key] == nil {
			keys = append(keys, key)
		}
		byLines[key] = append(byLines[key], c)
	}
	var steps []step
	for _, key := range keys {
		for _, some := range s.fitting(byLines[key]) {
			steps = append(steps, step{changes: some, lines: linesOf(some[0])})
		}
	}
	return steps
}

// fitting cuts changes into parts whose interface lines are short enough.
func (s *session) fitting(changes []*change) [][]*change {
	var parts [][]*change
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && len(s.enter(changes[:n+1])) <= s.family.Words.InterfaceWidth {
			n++
		}
		parts = append(parts, changes[:n])
		changes = changes[n:]
	}
	return parts
}

// enter is the line that enters the ports of changes.
func (s *session) enter(changes []*change) string {
	names := make([]string, 0, len(changes))
	for _, c := range changes {
		names = append(names, c.want.Port)
	}
	return s.family.Words.Interface(names)
}

// linesOf are all lines of a step.
func (s *session) linesOf(st step) []string {
	if !st.isPorts() {
		return s.family.Words.CreateVLANs(st.vlans.String())
	}
	return append([]string{s.enter(st.changes)}, st.lines...)
}
