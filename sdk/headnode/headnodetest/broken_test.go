package headnodetest_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/headnode/headnodetest"
)

func subject(make func(log hclog.Logger) headnode.Driver) headnodetest.Subject {
	return headnodetest.Subject{
		New:      make,
		Target:   sdk.Target{Name: "h1", Type: memoryType, Settings: sdk.Settings(`{"host":"h1","password":"open-sesame"}`)},
		Patience: 500 * time.Millisecond,
	}
}

func TestAGoodDriverPasses(t *testing.T) {
	t.Parallel()
	headnodetest.Run(t, subject(func(log hclog.Logger) headnode.Driver { return newMemory(log) }))
}

// TestBrokenDrivers wants each mistake to be found by the one subtest that is meant for it.
func TestBrokenDrivers(t *testing.T) {
	t.Parallel()
	for name, mistake := range map[string]struct {
		bend func(*bent)
		want string
	}{
		"no name": {
			func(b *bent) { b.info = func(i sdk.Info) sdk.Info { i.Name = ""; return i } },
			"Info is complete",
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
				s.state = func(ctx context.Context, id string) (headnode.State, error) {
					if opened.Err() != nil && ctx.Err() == nil {
						return headnode.State{}, opened.Err()
					}
					return s.memorySession.State(ctx, id)
				}
			}),
			"Open outlives its context",
		},
		"images in any order": {
			session(func(s *bentSession, _ context.Context) {
				s.images = func() []headnode.Image { return []headnode.Image{{Name: "img2"}, {Name: "img1"}} }
			}),
			"Images are sorted",
		},
		"no images": {
			session(func(s *bentSession, _ context.Context) { s.images = func() []headnode.Image { return nil } }),
			"Images are sorted",
		},
		"Create starts": {
			session(func(s *bentSession, _ context.Context) {
				s.create = func(ctx context.Context, spec headnode.Spec) error {
					if err := s.memorySession.Create(ctx, spec); err != nil {
						return err
					}
					return s.memorySession.Start(ctx, spec.ID)
				}
			}),
			"Create makes a machine that is off",
		},
		"Create makes nothing": {
			session(func(s *bentSession, _ context.Context) {
				s.create = func(_ context.Context, spec headnode.Spec) error {
					if spec.Image == "haas-no-such-image" {
						return &sdk.Error{Code: sdk.Invalid, Text: "there is no such image"}
					}
					return nil
				}
			}),
			"Create makes a machine that is off",
		},
		"Create makes anew": {
			session(func(s *bentSession, _ context.Context) {
				s.create = func(ctx context.Context, spec headnode.Spec) error {
					_ = s.memorySession.Delete(ctx, spec.ID)
					return s.memorySession.Create(ctx, spec)
				}
			}),
			"Create leaves an existing machine as it is",
		},
		"unknown image is not found": {
			session(func(s *bentSession, _ context.Context) {
				s.create = func(ctx context.Context, spec headnode.Spec) error {
					err := s.memorySession.Create(ctx, spec)
					if err != nil {
						return &sdk.Error{Code: sdk.NotFound, Text: "there is no such image"}
					}
					return nil
				}
			}),
			"Create refuses an unknown image",
		},
		"half a machine is left behind": {
			session(func(s *bentSession, _ context.Context) {
				s.create = func(ctx context.Context, spec headnode.Spec) error {
					err := s.memorySession.Create(ctx, spec)
					spec.Image = "img1"
					_ = s.memorySession.Create(ctx, spec)
					return err
				}
			}),
			"Create refuses an unknown image",
		},
		"one Create at a time": {
			session(func(s *bentSession, _ context.Context) {
				var made atomic.Int32
				s.create = func(ctx context.Context, spec headnode.Spec) error {
					if made.Add(1) == 3 { // the third of a session is beside others, whatever the scheduler does
						return &sdk.Error{Code: sdk.Internal, Text: "the host's list has changed meanwhile"}
					}
					return s.memorySession.Create(ctx, spec)
				}
			}),
			"Create works beside others",
		},
		"Start does nothing": {
			session(func(s *bentSession, _ context.Context) {
				s.start = func(ctx context.Context, id string) error {
					_, err := s.memorySession.State(ctx, id)
					return err
				}
			}),
			"Start starts a machine",
		},
		"Start refuses what runs": {
			session(func(s *bentSession, _ context.Context) {
				s.start = func(ctx context.Context, id string) error {
					if state, _ := s.memorySession.State(ctx, id); state.Running {
						return &sdk.Error{Code: sdk.Refused, Text: "it runs already"}
					}
					return s.memorySession.Start(ctx, id)
				}
			}),
			"Start may be repeated",
		},
		"Start of nothing": {
			session(func(s *bentSession, _ context.Context) {
				s.start = func(ctx context.Context, id string) error {
					_ = s.memorySession.Start(ctx, id)
					return nil
				}
			}),
			"Start does not find an absent machine",
		},
		"Stop does nothing": {
			session(func(s *bentSession, _ context.Context) {
				s.stop = func(ctx context.Context, id string) error {
					state, err := s.memorySession.State(ctx, id)
					if err == nil && !state.Running {
						return s.memorySession.Stop(ctx, id)
					}
					return err
				}
			}),
			"Stop stops a machine",
		},
		"Stop of what is off": {
			session(func(s *bentSession, _ context.Context) {
				s.stop = func(_ context.Context, id string) error { return s.turn(id, false) }
			}),
			"Stop refuses a machine that does not run",
		},
		"Stop of nothing": {
			session(func(s *bentSession, _ context.Context) {
				s.stop = func(ctx context.Context, id string) error {
					err := s.memorySession.Stop(ctx, id)
					if sdk.CodeOf(err) == sdk.NotFound {
						return nil
					}
					return err
				}
			}),
			"Stop does not find an absent machine",
		},
		"State of nothing is refused": {
			session(func(s *bentSession, _ context.Context) {
				s.state = func(ctx context.Context, id string) (headnode.State, error) {
					state, err := s.memorySession.State(ctx, id)
					if err != nil {
						return state, &sdk.Error{Code: sdk.Refused, Text: "no"}
					}
					return state, nil
				}
			}),
			"State does not find an absent machine",
		},
		"State ignores its context": {
			session(func(s *bentSession, _ context.Context) {
				s.state = func(ctx context.Context, id string) (headnode.State, error) {
					if ctx.Err() != nil {
						<-t.Context().Done() // until the test ends
					}
					return s.memorySession.State(ctx, id)
				}
			}),
			"A cancelled call returns",
		},
		"Delete does nothing to what is off": {
			session(func(s *bentSession, _ context.Context) {
				s.delete = func(ctx context.Context, id string) error {
					if state, _ := s.memorySession.State(ctx, id); !state.Running {
						return nil
					}
					return s.memorySession.Delete(ctx, id)
				}
			}),
			"Delete removes a machine",
		},
		"Delete refuses what runs": {
			session(func(s *bentSession, _ context.Context) {
				s.delete = func(ctx context.Context, id string) error {
					if state, _ := s.memorySession.State(ctx, id); state.Running {
						return &sdk.Error{Code: sdk.Refused, Text: "it runs"}
					}
					return s.memorySession.Delete(ctx, id)
				}
			}),
			"Delete removes a machine that runs",
		},
		"Delete does not find": {
			session(func(s *bentSession, _ context.Context) {
				s.delete = func(ctx context.Context, id string) error {
					if _, err := s.memorySession.State(ctx, id); err != nil {
						return err
					}
					return s.memorySession.Delete(ctx, id)
				}
			}),
			"Delete of what is absent is a success",
		},
		"secret in the log": {
			func(b *bent) {
				b.open = func(_ context.Context, s headnode.Session, err error, target sdk.Target) (headnode.Session, error) {
					b.log.Info("logging in", "settings", string(target.Settings))
					return s, err
				}
			},
			"No secret is shown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failures := headnodetest.Failures(t, subject(func(log hclog.Logger) headnode.Driver {
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
