package headnodetest_test

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/headnode/headnodetest"
)

// unable has nothing but what every driver has.
type unable struct{ headnode.Session }

type opener = func(ctx context.Context, id string) (io.ReadWriteCloser, error)

// clumsy is a good session with some abilities bent out of shape.
type clumsy struct {
	bentSession
	console, take, screen opener
	plug                  func(ctx context.Context, id string, nic headnode.NIC) error
	room                  func(ctx context.Context, image string) (headnode.Room, error)
	seed                  func(ctx context.Context, spec headnode.Spec, seed headnode.Seed) error
}

func (c clumsy) Room(ctx context.Context, image string) (headnode.Room, error) {
	return c.room(ctx, image)
}

func (c clumsy) Console(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return c.console(ctx, id)
}

func (c clumsy) TakeConsole(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return c.take(ctx, id)
}

func (c clumsy) Screen(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return c.screen(ctx, id)
}

func (c clumsy) Plug(ctx context.Context, id string, nic headnode.NIC) error {
	return c.plug(ctx, id, nic)
}

func (c clumsy) CreateSeeded(ctx context.Context, spec headnode.Spec, seed headnode.Seed) error {
	return c.seed(ctx, spec, seed)
}

// newClumsy is s with nothing bent yet.
func newClumsy(s memorySession) *clumsy {
	return &clumsy{
		bentSession: bentSession{memorySession: s}, console: s.Console, take: s.TakeConsole, screen: s.Screen, plug: s.Plug, room: s.Room, seed: s.CreateSeeded,
	}
}

// failuresOf runs the kit on a good driver whose sessions are what bend makes of them.
func failuresOf(t *testing.T, bend func(s memorySession) headnode.Session) map[string][]string {
	t.Helper()
	s := subject(func(log hclog.Logger) headnode.Driver {
		b := &bent{memory: newMemory(log)}
		b.open = func(_ context.Context, _ headnode.Session, err error, _ sdk.Target) (headnode.Session, error) {
			if err != nil {
				return nil, err
			}
			return bend(memorySession{b.memory}), nil
		}
		return b
	})
	s.Echo = true
	return headnodetest.Failures(t, s)
}

func TestAbilitiesAreOptional(t *testing.T) {
	t.Parallel()
	if f := failuresOf(t, func(s memorySession) headnode.Session { return unable{s} }); len(f) > 0 {
		t.Errorf("%q", f)
	}
}

// deaf is a line that hears nothing when it is told to end.
type deaf struct{ io.ReadWriteCloser }

func (deaf) Close() error { return nil }

// mute is a line on which nothing that is written arrives.
type mute struct{ io.ReadWriteCloser }

func (mute) Write(b []byte) (int, error) { return len(b), nil }

// other opens a line of a machine that does something else than its screen.
func (c *clumsy) other(machine func(net.Conn)) opener {
	return func(ctx context.Context, id string) (io.ReadWriteCloser, error) {
		c.m.mu.Lock()
		defer c.m.mu.Unlock()
		l, err := c.m.open(ctx, id, machine)
		if err != nil {
			return nil, err
		}
		return l, nil
	}
}

// TestClumsyDrivers wants each mistake to be found by the one subtest that is meant for it.
func TestClumsyDrivers(t *testing.T) {
	t.Parallel()
	for name, mistake := range map[string]struct {
		bend func(c *clumsy)
		want string
	}{
		"mute console": {
			func(c *clumsy) {
				c.console = func(ctx context.Context, id string) (io.ReadWriteCloser, error) {
					l, err := c.memorySession.Console(ctx, id)
					if err != nil {
						return nil, err
					}
					return mute{l}, nil
				}
			},
			"Console carries bytes",
		},
		"the second viewer wins": {
			func(c *clumsy) { c.console = c.memorySession.TakeConsole },
			"Console is not taken from its holder",
		},
		"the console opens once": {
			func(c *clumsy) {
				opened := map[string]bool{}
				c.console = func(ctx context.Context, id string) (io.ReadWriteCloser, error) {
					l, err := c.memorySession.Console(ctx, id)
					if err == nil && opened[id] {
						_ = l.Close()
						return nil, &sdk.Error{Code: sdk.Refused, Text: "it has been open"}
					}
					opened[id] = err == nil
					return l, err
				}
			},
			"Console can be opened again",
		},
		"the console does not end with its context": {
			func(c *clumsy) {
				c.console = func(ctx context.Context, id string) (io.ReadWriteCloser, error) {
					return c.memorySession.Console(context.WithoutCancel(ctx), id)
				}
			},
			"Console ends with its context",
		},
		"the console outlives the machine": {
			func(c *clumsy) {
				c.console = func(ctx context.Context, id string) (io.ReadWriteCloser, error) {
					l, err := c.memorySession.Console(ctx, id)
					if err != nil {
						return nil, err
					}
					c.m.mu.Lock()
					defer c.m.mu.Unlock()
					c.m.lines[id] = nil
					return l, nil
				}
			},
			"Console ends with the machine",
		},
		"console of what does not run": {
			func(c *clumsy) { c.console = deadOrAlive(c, c.memorySession.Console, echo) },
			"Console refuses a machine that does not run",
		},
		"console of what is absent": {
			func(c *clumsy) { c.console = refusesAbsent(c.memorySession.Console) },
			"Console does not find an absent machine",
		},
		"the holder is refused": {
			func(c *clumsy) { c.take = c.memorySession.Console },
			"TakeConsole takes the console from its holder",
		},
		"the holder goes on": {
			func(c *clumsy) {
				c.take = func(ctx context.Context, _ string) (io.ReadWriteCloser, error) { return newLine(ctx, echo), nil }
			},
			"TakeConsole takes the console from its holder",
		},
		"screen of another kind": {
			func(c *clumsy) { c.screen = c.other(echo) },
			"Screen speaks of its version",
		},
		"screen with a password": {
			func(c *clumsy) { c.screen = c.other(screen(2)) },
			"Screen asks for no password",
		},
		"the screen outlives the machine": {
			func(c *clumsy) {
				c.screen = func(ctx context.Context, id string) (io.ReadWriteCloser, error) {
					l, err := c.memorySession.Screen(ctx, id)
					if err != nil {
						return nil, err
					}
					_ = l.Close()
					return newLine(ctx, screen(1)), nil
				}
			},
			"Screen ends with the machine",
		},
		"screen of what does not run": {
			func(c *clumsy) { c.screen = deadOrAlive(c, c.memorySession.Screen, screen(1)) },
			"Screen refuses a machine that does not run",
		},
		"screen of what is absent": {
			func(c *clumsy) { c.screen = refusesAbsent(c.memorySession.Screen) },
			"Screen does not find an absent machine",
		},
		"negative size": {
			func(c *clumsy) {
				c.images = func() []headnode.Image { return []headnode.Image{{Name: "img1", Size: -1}} }
			},
			"Images say what they know",
		},
		"a sum without a name": {
			func(c *clumsy) {
				c.images = func() []headnode.Image { return []headnode.Image{{Name: "img1", Checksum: "00ff"}} }
			},
			"Images say what they know",
		},
		"only what runs is plugged": {
			func(c *clumsy) {
				c.plug = func(ctx context.Context, id string, nic headnode.NIC) error {
					if state, err := c.memorySession.State(ctx, id); err == nil && !state.Running && nic.Label == "eth0" {
						return &sdk.Error{Code: sdk.Refused, Text: "it is off"}
					}
					return c.memorySession.Plug(ctx, id, nic)
				}
			},
			"Plug moves a card of a machine that is off",
		},
		"plugging stops the machine": {
			func(c *clumsy) {
				c.plug = func(ctx context.Context, id string, nic headnode.NIC) error {
					err := c.memorySession.Plug(ctx, id, nic)
					if err == nil {
						err = c.turn(id, false)
					}
					return err
				}
			},
			"Plug moves a card of a machine that runs",
		},
		"any card is plugged": {
			func(c *clumsy) {
				c.plug = func(ctx context.Context, id string, _ headnode.NIC) error {
					_, err := c.memorySession.State(ctx, id)
					return err
				}
			},
			"Plug does not find a card that the machine has not",
		},
		"any machine is plugged": {
			func(c *clumsy) {
				c.plug = func(ctx context.Context, id string, nic headnode.NIC) error {
					if nic.Label == "eth0" {
						return nil
					}
					return c.memorySession.Plug(ctx, id, nic)
				}
			},
			"Plug does not find an absent machine",
		},
		"no host": {
			func(c *clumsy) { c.room = c.bentRoom(func(r *headnode.Room) { r.Total, r.Used = 0, r.Needed }) },
			"Room tells what the host has",
		},
		"machines that do not count": {
			func(c *clumsy) { c.room = c.bentRoom(func(r *headnode.Room) { r.Used = 0 }) },
			"Room counts the machines that are there",
		},
		"room for any image": {
			func(c *clumsy) {
				c.room = func(ctx context.Context, image string) (headnode.Room, error) {
					if image != "" {
						image = "img1"
					}
					return c.memorySession.Room(ctx, image)
				}
			},
			"Room refuses an unknown image",
		},
		"a seed makes the machine run": {
			func(c *clumsy) {
				c.seed = func(ctx context.Context, spec headnode.Spec, _ headnode.Seed) error {
					if err := c.memorySession.Create(ctx, spec); err != nil {
						return err
					}
					return c.turn(spec.ID, true)
				}
			},
			"CreateSeeded makes a machine that is off",
		},
		"a seed makes the machine anew": {
			func(c *clumsy) {
				c.seed = func(ctx context.Context, spec headnode.Spec, _ headnode.Seed) error {
					_ = c.memorySession.Delete(ctx, spec.ID)
					return c.memorySession.Create(ctx, spec)
				}
			},
			"CreateSeeded leaves an existing machine as it is",
		},
		"a seed hides an unknown image": {
			func(c *clumsy) {
				c.seed = func(ctx context.Context, spec headnode.Spec, _ headnode.Seed) error {
					if c.memorySession.Create(ctx, spec) != nil {
						return &sdk.Error{Code: sdk.NotFound, Text: "there is no such image"}
					}
					return nil
				}
			},
			"CreateSeeded refuses an unknown image",
		},
		"a machine with a seed stays": {
			func(c *clumsy) {
				seeded := map[string]bool{}
				c.seed = func(ctx context.Context, spec headnode.Spec, _ headnode.Seed) error {
					seeded[spec.ID] = true
					return c.memorySession.Create(ctx, spec)
				}
				c.bentSession.delete = func(ctx context.Context, id string) error {
					if seeded[id] {
						return nil
					}
					return c.memorySession.Delete(ctx, id)
				}
			},
			"Delete removes a machine with a seed",
		},
		"user data in an error": {
			func(c *clumsy) {
				c.seed = func(ctx context.Context, spec headnode.Spec, seed headnode.Seed) error {
					if err := c.memorySession.Create(ctx, spec); err != nil {
						return &sdk.Error{Code: sdk.Invalid, Text: "no machine for " + seed.UserData.Reveal()}
					}
					return nil
				}
			},
			"No secret is shown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failures := failuresOf(t, func(s memorySession) headnode.Session {
				c := newClumsy(s)
				mistake.bend(c)
				return c
			})
			if _, ok := failures[mistake.want]; !ok || len(failures) != 1 {
				t.Errorf("want only %q to fail, have %q", mistake.want, failures)
			}
		})
	}
}

// bentRoom is Room with an answer that is bent out of shape.
func (c *clumsy) bentRoom(bend func(*headnode.Room)) func(context.Context, string) (headnode.Room, error) {
	return func(ctx context.Context, image string) (headnode.Room, error) {
		room, err := c.memorySession.Room(ctx, image)
		bend(&room)
		return room, err
	}
}

// deadOrAlive opens a line of machines that do not run, too.
func deadOrAlive(c *clumsy, good opener, machine func(net.Conn)) opener {
	return func(ctx context.Context, id string) (io.ReadWriteCloser, error) {
		if state, err := c.memorySession.State(ctx, id); err == nil && !state.Running {
			return newLine(ctx, machine), nil
		}
		return good(ctx, id)
	}
}

// refusesAbsent says of an absent machine that it does not run.
func refusesAbsent(good opener) opener {
	return func(ctx context.Context, id string) (io.ReadWriteCloser, error) {
		l, err := good(ctx, id)
		if sdk.CodeOf(err) == sdk.NotFound {
			return nil, &sdk.Error{Code: sdk.Refused, Text: "it does not run"}
		}
		return l, err
	}
}

// TestLinesThatDoNotEnd has both kinds not end when they are closed.
func TestLinesThatDoNotEnd(t *testing.T) {
	t.Parallel()
	for want, bend := range map[string]func(c *clumsy){
		"Console ends with Close": func(c *clumsy) { c.console = unending(c.memorySession.Console) },
		"Screen ends with Close":  func(c *clumsy) { c.screen = unending(c.memorySession.Screen) },
	} {
		failures := failuresOf(t, func(s memorySession) headnode.Session {
			c := newClumsy(s)
			bend(c)
			return c
		})
		if _, ok := failures[want]; !ok {
			t.Errorf("want %q to fail, have %q", want, failures)
		}
	}
}

func unending(good opener) opener {
	return func(ctx context.Context, id string) (io.ReadWriteCloser, error) {
		l, err := good(ctx, id)
		if err != nil {
			return nil, err
		}
		return deaf{l}, nil
	}
}
