package switches_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// strangeVLAN is none of the pool.
const strangeVLAN = 666

// mishaps happen to switches, every few commands of theirs, in the midst of what the server does.
type mishaps struct {
	oracle *oracle

	mu sync.Mutex
	// The fields below are guarded by mu.
	dice     *rand.Rand
	left     int
	over     bool
	faults   []*consoletest.Injection
	meddling int
}

// newMishaps begin to happen to all switches of the room.
func newMishaps(r *room, o *oracle, seed uint64) *mishaps {
	m := &mishaps{oracle: o, dice: rand.New(rand.NewPCG(seed, 1))}
	for _, d := range r.switches {
		d.OnCommand(func(cmd consoletest.Typed) {
			// Session 0 is the other administrator.
			if cmd.Session != 0 {
				m.next(d)
			}
		})
	}
	return m
}

// next is called after each command. What another administrator does is done here, while the switch stands still, so that
// nobody takes it for the server's.
func (m *mishaps) next(d *device) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left--; m.left > 0 || m.over {
		return
	}
	m.left = 3 + m.dice.IntN(16)
	switch m.dice.IntN(10) {
	case 0:
		d.Reboot()
	case 1, 2:
		m.meddle(d)
	case 3, 4:
		m.cutOff(d)
	default:
		m.faults = append(m.faults, d.Inject(m.fault()))
	}
}

// end lets nothing happen any more, and heals the switches.
func (m *mishaps) end(r *room) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	for _, d := range r.switches {
		d.Heal()
	}
}

// cutOff drops the connection at a line that counts, and lets nobody in for a while: what the port carries then stays there.
func (m *mishaps) cutOff(d *device) {
	m.faults = append(m.faults, d.Inject(consoletest.Fault{Kind: consoletest.DropAfter, On: decisive, Nth: 1 + m.dice.IntN(6)}))
	for n := range 2 + m.dice.IntN(6) {
		m.faults = append(m.faults, d.Inject(consoletest.Fault{Kind: consoletest.RefuseConnection, Nth: 1 + n}))
	}
}

// met is how often a fault befell somebody.
func (m *mishaps) met() int {
	n := 0
	for _, f := range m.faults {
		n += f.Hits()
	}
	return n
}

// decisive are the lines of a visit that change what a port carries.
var decisive = regexp.MustCompile(`shutdown|switchport (?:mode|trunk)`)

// fault befalls some command, or some connection.
func (m *mishaps) fault() consoletest.Fault {
	kinds := []consoletest.Fault{
		{Kind: consoletest.DropBefore}, {Kind: consoletest.DropAfter}, {Kind: consoletest.DropDuring}, {Kind: consoletest.LoseCommand},
		{Kind: consoletest.TruncateReply}, {Kind: consoletest.TruncateOutput}, {Kind: consoletest.GarbleReply},
		{Kind: consoletest.SlowReply, Delay: 300 * time.Millisecond},
		{Kind: consoletest.LogInside}, {Kind: consoletest.LogBehind}, {Kind: consoletest.ForcePager},
	}
	connections := []consoletest.Fault{
		{Kind: consoletest.RefuseConnection}, {Kind: consoletest.SilentConnection},
		{Kind: consoletest.RefuseSession}, {Kind: consoletest.HangSession},
	}
	lost := []consoletest.Kind{consoletest.LoseCommand, consoletest.IgnoreConfig, consoletest.DropAfter}
	switch m.dice.IntN(8) {
	case 0:
		return connections[m.dice.IntN(len(connections))]
	case 1:
		return consoletest.Fault{Kind: consoletest.LoseCharacter, Nth: 1 + m.dice.IntN(200)}
	case 2, 3, 4:
		return consoletest.Fault{Kind: lost[m.dice.IntN(len(lost))], On: decisive, Nth: 1 + m.dice.IntN(3)}
	default:
		f := kinds[m.dice.IntN(len(kinds))]
		f.Nth = 1 + m.dice.IntN(12)
		return f
	}
}

// meddle has another administrator change a node's port. What is changed counts at once, so that it is seen who did it.
func (m *mishaps) meddle(d *device) {
	tricks := [][]string{
		{"shutdown"},
		{"no shutdown"},
		{"switchport mode access", "no shutdown"},
		{fmt.Sprintf("switchport trunk allowed vlan add %d", strangeVLAN), "no shutdown"},
		{fmt.Sprintf("switchport trunk native vlan %d", strangeVLAN), "no shutdown"},
	}
	port := d.family.port(1 + m.dice.IntN(nodesPerSwitch))
	lines := []string{"configure terminal", "interface " + port}
	if d.Type(append(lines, tricks[m.dice.IntN(len(tricks))]...)...) == nil { // it may be a line too many for the mode
		m.meddling++
	}
	m.oracle.suspect(port, strangeVLAN)
}
