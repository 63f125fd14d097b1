package netswitchtest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/netswitch/netswitchtest"
)

func subject(make func(log hclog.Logger) netswitch.Driver) netswitchtest.Subject {
	return netswitchtest.Subject{
		New:       make,
		Target:    sdk.Target{Name: "sw-1", Type: memoryType, Settings: sdk.Settings(`{"host":"sw-1","password":"open-sesame"}`)},
		Ports:     []string{"port1", "port2", "port3"},
		Spellings: map[string]string{"p1": "port1"},
		Absent:    "port99",
		Patience:  500 * time.Millisecond,
	}
}

func TestAGoodDriverPasses(t *testing.T) {
	t.Parallel()
	netswitchtest.Run(t, subject(func(log hclog.Logger) netswitch.Driver { return newMemory(log) }))
}

// TestBrokenDrivers wants each mistake to be found by the one subtest that is meant for it.
func TestBrokenDrivers(t *testing.T) {
	t.Parallel()
	for name, mistake := range map[string]struct {
		bend func(*bent)
		want string
	}{
		"no version": {
			func(b *bent) { b.info = func(i sdk.Info) sdk.Info { i.Version = ""; return i } },
			"Info is complete",
		},
		"schema is no schema": {
			func(b *bent) {
				b.info = func(i sdk.Info) sdk.Info {
					i.Types[0].Settings = json.RawMessage(strings.Replace(memorySchema, `"integer"`, `"whole"`, 1))
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
		"good settings refused": {
			func(b *bent) {
				b.validateTarget = func(err error, _ sdk.Target) error {
					if err == nil {
						return sdk.InvalidSetting("host", "is on the wrong planet")
					}
					return err
				}
			},
			"ValidateTarget takes good settings",
		},
		"unknown setting ignored": {forgives("haas_no_such_setting"), "ValidateTarget names an unknown setting"},
		"missing setting ignored": {forgives("must be given"), "ValidateTarget names a missing setting"},
		"wrong type ignored":      {forgives("slots"), "ValidateTarget names a setting of the wrong type"},
		"wrong setting without its name": {
			func(b *bent) {
				b.validateTarget = func(err error, _ sdk.Target) error {
					if err != nil && strings.Contains(err.Error(), "slots") {
						return &sdk.Error{Code: sdk.Invalid, Text: "bad settings"}
					}
					return err
				}
			},
			"ValidateTarget names a setting of the wrong type",
		},
		"wrong setting with its value": {
			func(b *bent) {
				b.validateTarget = func(err error, target sdk.Target) error {
					if e, ok := err.(*sdk.Error); ok { //nolint:errorlint // the good driver wraps nothing
						e.Text = "bad settings " + string(target.Settings)
					}
					return err
				}
			},
			"No secret is shown",
		},
		"port renamed": {
			func(b *bent) {
				b.validatePort = func(port string) (string, error) {
					if port == "port2" {
						return "port1", nil
					}
					return b.memory.ValidatePort(t.Context(), sdk.Target{}, port)
				}
			},
			"ValidatePort keeps the device's own names",
		},
		"spelling unknown": {
			func(b *bent) {
				b.validatePort = func(port string) (string, error) {
					if port == "p1" {
						return port, nil
					}
					return b.memory.ValidatePort(t.Context(), sdk.Target{}, port)
				}
			},
			"ValidatePort knows other spellings",
		},
		"anything is a port": {
			func(b *bent) {
				b.validatePort = func(port string) (string, error) {
					if port == "p1" {
						return "port1", nil
					}
					return port, nil
				}
			},
			"ValidatePort refuses hostile names",
		},
		"only the first line of a port is looked at": {
			func(b *bent) {
				b.validatePort = func(port string) (string, error) {
					first, _, _ := strings.Cut(port, "\n")
					return b.memory.ValidatePort(t.Context(), sdk.Target{}, first)
				}
			},
			"ValidatePort refuses hostile names",
		},
		"session ends with the context of Open": {
			session(func(s *bentSession, _ *memory) {
				s.read = func(good netswitch.Session, ctx context.Context, p ports) (states, error) {
					if s.ctx.Err() != nil && ctx.Err() == nil {
						return nil, s.ctx.Err()
					}
					return good.Read(ctx, p)
				}
			}),
			"Open outlives its context",
		},
		"Read sorts": {
			session(func(s *bentSession, _ *memory) {
				s.read = func(good netswitch.Session, ctx context.Context, p ports) (states, error) {
					return good.Read(ctx, slices.Sorted(slices.Values(p)))
				}
			}),
			"Read answers in order",
		},
		"Read makes ports up": {
			session(func(s *bentSession, _ *memory) {
				s.read = func(good netswitch.Session, ctx context.Context, p ports) (states, error) {
					got, err := good.Read(ctx, p)
					if sdk.CodeOf(err) == sdk.NotFound {
						return states{netswitch.Closed(p[0])}, nil
					}
					return got, err
				}
			}),
			"Read does not find an absent port",
		},
		"Save ignores its context": {
			session(func(s *bentSession, _ *memory) {
				s.save = func(ctx context.Context) error {
					if ctx.Err() != nil {
						<-t.Context().Done() // until the test ends
					}
					return nil
				}
			}),
			"A cancelled call returns",
		},
		"lists a port too few": {
			session(func(s *bentSession, _ *memory) { s.list = func(found ports) ports { return found[1:] } }),
			"ListPorts names the switch's ports",
		},
		"lists a port that is not there": {
			session(func(s *bentSession, _ *memory) { s.list = func(found ports) ports { return append(found, "port99") } }),
			"ListPorts names the switch's ports",
		},
		"second Save fails": {
			func() func(*bent) {
				saved := false
				return session(func(s *bentSession, _ *memory) {
					s.save = func(ctx context.Context) error {
						if saved && ctx.Err() == nil {
							return &sdk.Error{Code: sdk.Refused, Text: "nothing to save"}
						}
						saved = ctx.Err() == nil
						return nil
					}
				})
			}(),
			"Save may be repeated",
		},
		"says OK and does nothing": {
			applying(func(_ netswitch.Session, _ context.Context, _ *memory, want states) ([]netswitch.PortResult, error) {
				results := make([]netswitch.PortResult, len(want))
				for i, w := range want {
					results[i].Port = w.Port
				}
				return results, nil
			}),
			"Apply reaches a full state",
		},
		"puts a trunk without a native VLAN on VLAN 1": {
			applying(func(good netswitch.Session, ctx context.Context, _ *memory, want states) ([]netswitch.PortResult, error) {
				more := slices.Clone(want)
				for i, w := range more {
					if w.Native == 0 && len(w.Tagged) > 0 {
						more[i].Native = 1
					}
				}
				return good.Apply(ctx, more)
			}),
			"Apply reaches a trunk without a native VLAN",
		},
		"keeps old tagged VLANs": {
			applying(func(good netswitch.Session, ctx context.Context, m *memory, want states) ([]netswitch.PortResult, error) {
				more := slices.Clone(want)
				for i, w := range more {
					if w.Native != 0 {
						all := append(slices.Clone(m.now(w.Port).Tagged), w.Tagged...)
						slices.Sort(all)
						more[i].Tagged = slices.Compact(all)
					}
				}
				return good.Apply(ctx, more)
			}),
			"Apply removes what is not wanted",
		},
		"leaves a closed port up": {
			applying(func(good netswitch.Session, ctx context.Context, m *memory, want states) ([]netswitch.PortResult, error) {
				more := slices.Clone(want)
				for i, w := range more {
					if len(w.VLANs()) == 0 {
						more[i].Up = m.now(w.Port).Up
					}
				}
				return good.Apply(ctx, more)
			}),
			"Apply closes a port",
		},
		"refuses what is there already": {
			applying(func(good netswitch.Session, ctx context.Context, m *memory, want states) ([]netswitch.PortResult, error) {
				if w := want[0]; len(want) == 1 && w.Native != 0 && m.now(w.Port).Equal(w) {
					refused := &sdk.Error{Code: sdk.Refused, Text: "VLAN exists"}
					return []netswitch.PortResult{{Port: w.Port, Err: refused}}, nil
				}
				return good.Apply(ctx, want)
			}),
			"Apply may be repeated",
		},
		"answers in the order of ports": {
			applying(func(good netswitch.Session, ctx context.Context, _ *memory, want states) ([]netswitch.PortResult, error) {
				results, err := good.Apply(ctx, want)
				if len(want) == 2 {
					slices.SortFunc(results, func(a, b netswitch.PortResult) int { return strings.Compare(a.Port, b.Port) })
				}
				return results, err
			}),
			"Apply answers in order",
		},
		"one absent port fails all": {
			applying(func(good netswitch.Session, ctx context.Context, m *memory, want states) ([]netswitch.PortResult, error) {
				for _, w := range want {
					if w.Port == "port99" {
						return nil, absent(w.Port)
					}
				}
				return good.Apply(ctx, want)
			}),
			"Apply fails an absent port alone",
		},
		"stops at the first failure": {
			applying(func(good netswitch.Session, ctx context.Context, m *memory, want states) ([]netswitch.PortResult, error) {
				bad := slices.IndexFunc(want, func(w netswitch.PortState) bool { return w.Port == "port99" })
				if bad < 0 {
					return good.Apply(ctx, want)
				}
				results, err := good.Apply(ctx, want[:bad+1])
				for _, w := range want[bad+1:] {
					results = append(results, netswitch.PortResult{Port: w.Port})
				}
				return results, err
			}),
			"Apply fails an absent port alone",
		},
		"clears the other ports": {
			applying(func(good netswitch.Session, ctx context.Context, m *memory, want states) ([]netswitch.PortResult, error) {
				if access := len(want[0].Tagged) == 0; access && want[0].Port == "port1" && len(m.now("port2").Tagged) > 0 {
					_, _ = good.Apply(ctx, states{netswitch.Closed("port2")})
				}
				return good.Apply(ctx, want)
			}),
			"Apply leaves other ports alone",
		},
		"refuses while somebody else is logged in": {
			func(b *bent) {
				var open atomic.Int32
				session(func(s *bentSession, _ *memory) {
					open.Add(1)
					s.close = func() { open.Add(-1) }
					s.apply = func(good netswitch.Session, ctx context.Context, want states) ([]netswitch.PortResult, error) {
						if open.Load() > 1 {
							return nil, &sdk.Error{Code: sdk.Refused, Text: "somebody else is logged in"}
						}
						return good.Apply(ctx, want)
					}
				})(b)
			},
			"Apply works beside others",
		},
		"Plan is always empty": {
			planning(func(netswitch.Session, context.Context, states) ([]string, error) { return nil, nil }),
			"Plan tells of a change",
		},
		"Plan applies": {
			planning(func(good netswitch.Session, ctx context.Context, want states) ([]string, error) {
				lines, err := good.Plan(ctx, want)
				if err == nil {
					_, err = good.Apply(ctx, want)
				}
				return lines, err
			}),
			"Plan changes nothing",
		},
		"Plan counts": {
			func() func(*bent) {
				n := 0
				return planning(func(good netswitch.Session, ctx context.Context, want states) ([]string, error) {
					n++
					lines, err := good.Plan(ctx, want)
					return append(lines, fmt.Sprintf("! transaction %d", n)), err
				})
			}(),
			"Plan says the same twice",
		},
		"secret in an error": {
			func(b *bent) {
				b.open = func(_ context.Context, s netswitch.Session, err error, target sdk.Target) (netswitch.Session, error) {
					if sdk.CodeOf(err) == sdk.Refused {
						return nil, &sdk.Error{Code: sdk.Refused, Text: "cannot log in with " + string(target.Settings)}
					}
					return s, err
				}
			},
			"No secret is shown",
		},
		"secret in a plan": {
			planning(func(good netswitch.Session, ctx context.Context, want states) ([]string, error) {
				lines, err := good.Plan(ctx, want)
				return append([]string{"enable password " + memorySecret}, lines...), err
			}),
			"No secret is shown",
		},
		"secret in the log": {
			func(b *bent) {
				b.open = func(_ context.Context, s netswitch.Session, err error, target sdk.Target) (netswitch.Session, error) {
					b.memory.log.Info("logging in", "settings", string(target.Settings))
					return s, err
				}
			},
			"No secret is shown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failures := netswitchtest.Failures(t, subject(func(log hclog.Logger) netswitch.Driver {
				b := &bent{memory: newMemory(log)}
				mistake.bend(b)
				return b
			}))
			if _, ok := failures[mistake.want]; !ok || len(failures) != 1 {
				t.Errorf("want only %q to fail, have %q", mistake.want, failures)
			}
		})
	}
}
