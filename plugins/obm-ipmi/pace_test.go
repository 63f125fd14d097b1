// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
)

// TestAQuietConsoleWakes has consoles that have been quiet for so long that they would ask for output in an hour.
func TestAQuietConsoleWakes(t *testing.T) {
	t.Parallel()
	t.Run("when something is typed", func(t *testing.T) {
		t.Parallel()
		c, _ := quietConsole(t)
		_, err := c.Write([]byte("key"))
		must(t, err)
		guest.ReadUntil(t, c, "key")
	})
	t.Run("when the machine prints", func(t *testing.T) {
		t.Parallel()
		c, m := quietConsole(t)
		must(t, m.Print("news"))
		guest.ReadUntil(t, c, "news")
	})
	t.Run("when it is closed", func(t *testing.T) {
		t.Parallel()
		c, _ := quietConsole(t)
		must(t, c.Close())
	})
}

// TestAConsoleAsksTheMoreSeldomTheLongerItIsQuiet looks at the pauses without waiting for them.
func TestAConsoleAsksTheMoreSeldomTheLongerItIsQuiet(t *testing.T) {
	t.Parallel()
	for quiet, rests := range map[time.Duration]bool{0: false, lively / 2: false, time.Second: true, time.Hour: true} {
		p := newPace(t.Context(), &deadlines{}, time.Minute)
		p.stirred = time.Now().Add(-quiet)
		got := p.lieDown()
		pause := time.Until(p.conn.(*deadlines).set)
		if got != rests || rests && (pause > time.Minute || pause > 2*quiet) {
			t.Errorf("quiet for %v: it rests: %v, for %v", quiet, got, pause)
		}
	}
}

// deadlines notes the deadline that is set.
type deadlines struct {
	wire
	set time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.set = t
	return nil
}

// quietConsole is a console that is resting, and its machine.
func quietConsole(t *testing.T) (*console, *bmctest.Echo) {
	t.Helper()
	m := &bmctest.Echo{}
	d := newDriver(hclog.NewNullLogger())
	d.poll = time.Hour
	s, err := d.Open(t.Context(), targetOf(t, simulate(t, bmctest.Options{Machine: m}), nil))
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	c := hold(t.Context(), t, s.(*session)).(*console)
	eventually(t, "the console rests for long", func() bool {
		c.pace.mu.Lock()
		defer c.pace.mu.Unlock()
		c.pace.stirred = time.Now().Add(-time.Hour)
		return c.pace.resting
	})
	return c, m
}
