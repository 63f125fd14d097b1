package netswitch_test

import (
	"context"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// fake is a driver with a function for each method that a test wants to see called.
type fake struct {
	info           sdk.Info
	validateTarget func(sdk.Target) error
	validatePort   func(sdk.Target, string) (string, error)
	open           func(sdk.Target) error
	session        fakeSession
}

func (f *fake) Info(context.Context) (sdk.Info, error) { return f.info, nil }

func (f *fake) ValidateTarget(_ context.Context, target sdk.Target) error {
	return f.validateTarget(target)
}

func (f *fake) ValidatePort(_ context.Context, target sdk.Target, port string) (string, error) {
	return f.validatePort(target, port)
}

func (f *fake) Open(_ context.Context, target sdk.Target) (netswitch.Session, error) {
	if f.open != nil {
		return &f.session, f.open(target)
	}
	return &f.session, nil
}

type fakeSession struct {
	read  func(context.Context, []string) ([]netswitch.PortState, error)
	plan  func([]netswitch.PortState) ([]string, error)
	apply func([]netswitch.PortState) ([]netswitch.PortResult, error)
	save  func() error
}

func (s *fakeSession) Read(ctx context.Context, ports []string) ([]netswitch.PortState, error) {
	return s.read(ctx, ports)
}

func (s *fakeSession) Plan(_ context.Context, want []netswitch.PortState) ([]string, error) {
	return s.plan(want)
}

func (s *fakeSession) Apply(_ context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	return s.apply(want)
}

func (s *fakeSession) Save(context.Context) error { return s.save() }

func (s *fakeSession) Close() error { return nil }

// listing is a session that knows the switch's ports.
type listing struct {
	fakeSession
	ports []string
}

func (s *listing) ListPorts(context.Context) ([]string, error) { return s.ports, nil }

// listed is a driver of listing sessions, which counts how many are open.
type listed struct {
	fake
	listing listing
	open    int
}

func (l *listed) Open(context.Context, sdk.Target) (netswitch.Session, error) {
	l.open++
	return &counted{l.listing, l}, nil
}

type counted struct {
	listing
	of *listed
}

func (c *counted) Close() error { c.of.open--; return nil }

// configurable is a fake that takes settings of its own.
type configurable struct{ fake }

func (*configurable) Configure(context.Context, map[string]string) error { return nil }
