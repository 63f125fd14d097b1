package obmtest_test

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
	"github.com/CCI-MOC/haas/sdk/obm/obmtest"
)

func subject(make func(log hclog.Logger) obm.Driver) obmtest.Subject {
	return obmtest.Subject{
		New:      make,
		Target:   sdk.Target{Name: "n1", Type: memoryType, Settings: sdk.Settings(`{"host":"n1","password":"open-sesame"}`)},
		Echo:     true,
		Patience: 500 * time.Millisecond,
	}
}

func TestAGoodDriverPasses(t *testing.T) {
	t.Parallel()
	s := subject(func(log hclog.Logger) obm.Driver { return &memory{log: log} })
	s.Patience = 10 * time.Second
	obmtest.Run(t, s)
}

// bent is a good driver with some methods bent out of shape.
type bent struct {
	*memory
	info           func(sdk.Info) sdk.Info
	validateTarget func(error) error
	open           func(context.Context, obm.Session, error, sdk.Target) (obm.Session, error)
}

func (b *bent) Info(ctx context.Context) (sdk.Info, error) {
	info, err := b.memory.Info(ctx)
	if b.info != nil {
		info = b.info(info)
	}
	return info, err
}

func (b *bent) ValidateTarget(ctx context.Context, target sdk.Target) error {
	err := b.memory.ValidateTarget(ctx, target)
	if b.validateTarget != nil {
		err = b.validateTarget(err)
	}
	return err
}

func (b *bent) Open(ctx context.Context, target sdk.Target) (obm.Session, error) {
	s, err := b.memory.Open(ctx, target)
	if b.open != nil {
		return b.open(ctx, s, err, target)
	}
	return s, err
}

// bentSession is a good session with some methods bent out of shape.
type bentSession struct {
	memorySession
	power   func(ctx context.Context, verb string) error // instead of a change
	status  func(ctx context.Context) (obm.Power, error)
	boot    func(dev obm.BootDevice) error
	console func(ctx context.Context) (io.ReadWriteCloser, error)
}

func (b bentSession) PowerOn(ctx context.Context) error {
	if b.power != nil {
		return b.power(ctx, "on")
	}
	return b.memorySession.PowerOn(ctx)
}

func (b bentSession) PowerOff(ctx context.Context) error {
	if b.power != nil {
		return b.power(ctx, "off")
	}
	return b.memorySession.PowerOff(ctx)
}

func (b bentSession) PowerCycle(ctx context.Context, force bool) error {
	if b.power != nil {
		return b.power(ctx, "cycle")
	}
	return b.memorySession.PowerCycle(ctx, force)
}

func (b bentSession) PowerStatus(ctx context.Context) (obm.Power, error) {
	if b.status != nil {
		return b.status(ctx)
	}
	return b.memorySession.PowerStatus(ctx)
}

func (b bentSession) SetBootDevice(ctx context.Context, dev obm.BootDevice) error {
	if b.boot != nil {
		return b.boot(dev)
	}
	return b.memorySession.SetBootDevice(ctx, dev)
}

func (b bentSession) Console(ctx context.Context) (io.ReadWriteCloser, error) {
	if b.console != nil {
		return b.console(ctx)
	}
	return b.memorySession.Console(ctx)
}

// session is a driver whose sessions are bent, each by one call of bend.
func session(bend func(s *bentSession, opened context.Context)) func(*bent) {
	return func(b *bent) {
		b.open = func(ctx context.Context, _ obm.Session, err error, _ sdk.Target) (obm.Session, error) {
			if err != nil {
				return nil, err
			}
			s := bentSession{memorySession: memorySession{b.memory}}
			bend(&s, ctx)
			return s, nil
		}
	}
}

// powering is a driver that does instead of the good one what power says, unless that is false.
func powering(power func(verb string, on bool) (err error, instead bool)) func(*bent) {
	return session(func(s *bentSession, _ context.Context) {
		s.power = func(ctx context.Context, verb string) error {
			now, _ := s.memorySession.PowerStatus(ctx)
			if err, instead := power(verb, now == obm.PowerOn); instead {
				return err
			}
			return s.turn(verb != "off")
		}
	})
}

// console is a driver whose consoles are bent.
func console(bend func(good io.ReadWriteCloser, m *memory) io.ReadWriteCloser) func(*bent) {
	return session(func(s *bentSession, _ context.Context) {
		s.console = func(ctx context.Context) (io.ReadWriteCloser, error) {
			good, err := s.memorySession.Console(ctx)
			if err != nil {
				return nil, err
			}
			return bend(good, s.m), nil
		}
	})
}

// bentConsole is a console with Write or Close bent out of shape.
type bentConsole struct {
	io.ReadWriteCloser
	write func(b []byte) (int, error)
	close func() error
}

func (c bentConsole) Write(b []byte) (int, error) {
	if c.write != nil {
		return c.write(b)
	}
	return c.ReadWriteCloser.Write(b)
}

func (c bentConsole) Close() error {
	if c.close != nil {
		return c.close()
	}
	return c.ReadWriteCloser.Close()
}

// TestBrokenDrivers wants each mistake to be found by the one subtest that is meant for it.
func TestBrokenDrivers(t *testing.T) {
	t.Parallel()
	refused := &sdk.Error{Code: sdk.Refused, Text: "it is there already"}
	for name, mistake := range map[string]struct {
		bend func(*bent)
		want string
	}{
		"no types": {
			func(b *bent) {
				b.info = func(i sdk.Info) sdk.Info {
					i.Types = append(i.Types, sdk.Type{URL: "http://example.com/other"})
					return i
				}
			},
			"Info is complete",
		},
		"password not marked": {
			func(b *bent) {
				b.info = func(i sdk.Info) sdk.Info {
					i.Types[0].Settings = json.RawMessage(strings.Replace(memorySchema, `, "writeOnly": true`, "", 1))
					return i
				}
			},
			"Info marks secrets as writeOnly",
		},
		"missing setting ignored": {
			func(b *bent) {
				b.validateTarget = func(err error) error {
					if err != nil && strings.Contains(err.Error(), "must be given") {
						return nil
					}
					return err
				}
			},
			"ValidateTarget names a missing setting",
		},
		"session ends with the context of Open": {
			session(func(s *bentSession, opened context.Context) {
				s.status = func(ctx context.Context) (obm.Power, error) {
					if opened.Err() != nil && ctx.Err() == nil {
						return obm.PowerUnknown, opened.Err()
					}
					return s.memorySession.PowerStatus(ctx)
				}
			}),
			"Open outlives its context",
		},
		"PowerOn does nothing": {
			powering(func(verb string, _ bool) (error, bool) { return nil, verb == "on" }),
			"PowerOn turns the node on",
		},
		"PowerOff does nothing": {
			powering(func(verb string, _ bool) (error, bool) { return nil, verb == "off" }),
			"PowerOff turns the node off",
		},
		"PowerOn refuses a node that is on": {
			powering(func(verb string, on bool) (error, bool) { return refused, verb == "on" && on }),
			"PowerOn may be repeated",
		},
		"PowerOff refuses a node that is off": {
			powering(func(verb string, on bool) (error, bool) { return refused, verb == "off" && !on }),
			"PowerOff may be repeated",
		},
		"PowerCycle leaves a node off": {
			powering(func(verb string, on bool) (error, bool) { return nil, verb == "cycle" && !on }),
			"PowerCycle turns on a node that is off",
		},
		"PowerCycle refuses a node that is on": {
			powering(func(verb string, on bool) (error, bool) { return refused, verb == "cycle" && on }),
			"PowerCycle leaves a running node on",
		},
		"no boot from disk": {
			session(func(s *bentSession, _ context.Context) {
				s.boot = func(dev obm.BootDevice) error {
					if dev == obm.BootDisk {
						return refused
					}
					return s.memorySession.SetBootDevice(t.Context(), dev)
				}
			}),
			"SetBootDevice takes every device",
		},
		"boots from anything": {
			session(func(s *bentSession, _ context.Context) { s.boot = func(obm.BootDevice) error { return nil } }),
			"SetBootDevice refuses an unknown device",
		},
		"PowerStatus ignores its context": {
			session(func(s *bentSession, _ context.Context) {
				s.status = func(ctx context.Context) (obm.Power, error) {
					if ctx.Err() != nil {
						<-t.Context().Done() // until the test ends
					}
					return s.memorySession.PowerStatus(ctx)
				}
			}),
			"A cancelled call returns",
		},
		"console swallows": {
			console(func(good io.ReadWriteCloser, _ *memory) io.ReadWriteCloser {
				return bentConsole{ReadWriteCloser: good, write: func(b []byte) (int, error) { return len(b), nil }}
			}),
			"Console carries bytes",
		},
		"console is stolen": {
			func() func(*bent) {
				var last atomic.Pointer[io.ReadWriteCloser]
				return session(func(s *bentSession, _ context.Context) {
					s.console = func(ctx context.Context) (io.ReadWriteCloser, error) {
						if stolen := last.Load(); stolen != nil {
							_ = (*stolen).Close()
						}
						c, err := s.memorySession.Console(ctx)
						last.Store(&c)
						return c, err
					}
				})
			}(),
			"Console is not taken from its holder",
		},
		"console refused without saying busy": {
			session(func(s *bentSession, _ context.Context) {
				s.console = func(ctx context.Context) (io.ReadWriteCloser, error) {
					c, err := s.memorySession.Console(ctx)
					if err != nil {
						return nil, &sdk.Error{Code: sdk.Refused, Text: "SOL payload already active"}
					}
					return c, nil
				}
			}),
			"Console is not taken from its holder",
		},
		"console stays busy": {
			console(func(good io.ReadWriteCloser, m *memory) io.ReadWriteCloser {
				return bentConsole{ReadWriteCloser: good, close: func() error {
					err := good.Close()
					m.mu.Lock()
					defer m.mu.Unlock()
					m.held = true
					return err
				}}
			}),
			"Console can be opened again",
		},
		"console goes on after Close": {
			console(func(good io.ReadWriteCloser, m *memory) io.ReadWriteCloser {
				return bentConsole{ReadWriteCloser: good, close: func() error { m.release(); return nil }}
			}),
			"Console ends with Close",
		},
		"console goes on after its context": {
			session(func(s *bentSession, _ context.Context) {
				s.console = func(ctx context.Context) (io.ReadWriteCloser, error) {
					return s.memorySession.Console(context.WithoutCancel(ctx))
				}
			}),
			"Console ends with its context",
		},
		"PowerStatus hangs up the console": {
			session(func(s *bentSession, _ context.Context) {
				var held io.Closer
				s.console = func(ctx context.Context) (io.ReadWriteCloser, error) {
					c, err := s.memorySession.Console(ctx)
					if err == nil {
						held = c
					}
					return c, err
				}
				s.status = func(ctx context.Context) (obm.Power, error) {
					if held != nil {
						_ = held.Close()
					}
					return s.memorySession.PowerStatus(ctx)
				}
			}),
			"Power works beside a console",
		},
		"secret in an error": {
			func(b *bent) {
				b.open = func(_ context.Context, s obm.Session, err error, target sdk.Target) (obm.Session, error) {
					if sdk.CodeOf(err) == sdk.Refused {
						return nil, &sdk.Error{Code: sdk.Refused, Text: "cannot log in with " + string(target.Settings)}
					}
					return s, err
				}
			},
			"No secret is shown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failures := obmtest.Failures(t, subject(func(log hclog.Logger) obm.Driver {
				b := &bent{memory: &memory{log: log}}
				mistake.bend(b)
				return b
			}))
			if _, ok := failures[mistake.want]; !ok || len(failures) != 1 {
				t.Errorf("want only %q to fail, have %q", mistake.want, failures)
			}
		})
	}
}
