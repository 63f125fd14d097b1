package obmtest_test

import (
	"context"
	"io"
	"math"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
	"github.com/CCI-MOC/haas/sdk/obm/obmtest"
)

// unable has nothing but what every driver has.
type unable struct{ obm.Session }

// clumsy is a good session with some abilities bent out of shape.
type clumsy struct {
	bentSession
	next      func(dev obm.BootDevice) error
	sensors   []obm.Sensor
	parts     []obm.Part
	identify  func(d time.Duration) error
	take      func(ctx context.Context) (io.ReadWriteCloser, error)
	exhausted error // what Sensors and Inventory fail with
}

func (c clumsy) SetNextBootDevice(ctx context.Context, dev obm.BootDevice) error {
	if c.next != nil {
		return c.next(dev)
	}
	return c.bentSession.SetNextBootDevice(ctx, dev)
}

func (c clumsy) Sensors(context.Context) ([]obm.Sensor, error) { return c.sensors, c.exhausted }

func (c clumsy) Inventory(context.Context) ([]obm.Part, error) { return c.parts, c.exhausted }

func (c clumsy) Identify(ctx context.Context, d time.Duration) error {
	if c.identify != nil {
		return c.identify(d)
	}
	return c.bentSession.Identify(ctx, d)
}

func (c clumsy) TakeConsole(ctx context.Context) (io.ReadWriteCloser, error) {
	if c.take != nil {
		return c.take(ctx)
	}
	return c.bentSession.TakeConsole(ctx)
}

// failuresOf runs the kit on a good driver whose sessions are what bend makes of them.
func failuresOf(t *testing.T, bend func(s memorySession) obm.Session) map[string][]string {
	t.Helper()
	return obmtest.Failures(t, subject(func(log hclog.Logger) obm.Driver {
		b := &bent{memory: &memory{log: log}}
		b.open = func(_ context.Context, _ obm.Session, err error, _ sdk.Target) (obm.Session, error) {
			if err != nil {
				return nil, err
			}
			return bend(memorySession{b.memory}), nil
		}
		return b
	}))
}

func TestAbilitiesAreOptional(t *testing.T) {
	t.Parallel()
	if f := failuresOf(t, func(s memorySession) obm.Session { return unable{s} }); len(f) > 0 {
		t.Errorf("%q", f)
	}
}

// TestClumsyDrivers wants each mistake to be found by the one subtest that is meant for it.
func TestClumsyDrivers(t *testing.T) {
	t.Parallel()
	refused := &sdk.Error{Code: sdk.Refused, Text: "no"}
	nan, infinite := math.NaN(), math.Inf(1)
	for name, mistake := range map[string]struct {
		bend func(c *clumsy)
		want string
	}{
		"no next boot from disk": {
			func(c *clumsy) {
				c.next = func(dev obm.BootDevice) error {
					if dev == obm.BootDisk {
						return refused
					}
					return c.SetBootDevice(t.Context(), dev)
				}
			},
			"SetNextBootDevice takes every device",
		},
		"boots next from anything": {
			func(c *clumsy) { c.next = func(obm.BootDevice) error { return nil } },
			"SetNextBootDevice refuses an unknown device",
		},
		"nameless sensor": {
			func(c *clumsy) { c.sensors = []obm.Sensor{{State: "ok"}} },
			"Sensors have names and finite values",
		},
		"a sensor that reads no number": {
			func(c *clumsy) { c.sensors = []obm.Sensor{{Name: "a", Value: &nan}} },
			"Sensors have names and finite values",
		},
		"a sensor that reads infinity": {
			func(c *clumsy) { c.sensors = []obm.Sensor{{Name: "a", Value: &infinite}} },
			"Sensors have names and finite values",
		},
		"empty part": {
			func(c *clumsy) { c.parts = []obm.Part{{}} },
			"Inventory says something of each part",
		},
		"lamp cannot be put out": {
			func(c *clumsy) {
				c.identify = func(d time.Duration) error {
					if d == 0 {
						return refused
					}
					return c.bentSession.Identify(t.Context(), d)
				}
			},
			"Identify lights the lamp and puts it out",
		},
		"lamp for less than nothing": {
			func(c *clumsy) { c.identify = func(time.Duration) error { return nil } },
			"Identify refuses less than nothing",
		},
		"the holder is refused": {
			func(c *clumsy) {
				c.take = func(ctx context.Context) (io.ReadWriteCloser, error) { return c.Console(ctx) }
			},
			"TakeConsole takes the console from its holder",
		},
		"the holder goes on": {
			func(c *clumsy) {
				c.take = func(ctx context.Context) (io.ReadWriteCloser, error) {
					return newEcho(ctx, func() {}), nil
				}
			},
			"TakeConsole takes the console from its holder",
		},
		"only what is held can be taken": {
			func(c *clumsy) {
				c.take = func(ctx context.Context) (io.ReadWriteCloser, error) {
					c.m.mu.Lock()
					held := c.m.held
					c.m.mu.Unlock()
					if !held {
						return nil, refused
					}
					return c.bentSession.TakeConsole(ctx)
				}
			},
			"TakeConsole opens a console that nobody holds",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failures := failuresOf(t, func(s memorySession) obm.Session {
				c := &clumsy{bentSession: bentSession{memorySession: s}}
				mistake.bend(c)
				return c
			})
			if _, ok := failures[mistake.want]; !ok || len(failures) != 1 {
				t.Errorf("want only %q to fail, have %q", mistake.want, failures)
			}
		})
	}
}

func TestReadingsThatFail(t *testing.T) {
	t.Parallel()
	failures := failuresOf(t, func(s memorySession) obm.Session {
		return &clumsy{bentSession: bentSession{memorySession: s}, exhausted: &sdk.Error{Code: sdk.Refused, Text: "no"}}
	})
	for _, want := range []string{"Sensors have names and finite values", "Inventory says something of each part"} {
		if _, ok := failures[want]; !ok || len(failures) != 2 {
			t.Errorf("want %q to fail, have %q", want, failures)
		}
	}
}
