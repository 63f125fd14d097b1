package drivers

import (
	"context"
	"errors"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// switchDriver is a switch driver whose process may come and go.
type switchDriver struct{ handle }

var (
	_ netswitch.Driver     = switchDriver{}
	_ netswitch.Releaser   = switchDriver{}
	_ netswitch.PortLister = switchSession{}
)

func (d switchDriver) Info(ctx context.Context) (sdk.Info, error) {
	return call(ctx, d.handle, func(r netswitch.Driver) (sdk.Info, error) { return r.Info(ctx) })
}

func (d switchDriver) ValidateTarget(ctx context.Context, target sdk.Target) error {
	_, err := call(ctx, d.about(target), func(r netswitch.Driver) (struct{}, error) { return struct{}{}, r.ValidateTarget(ctx, target) })
	return err
}

func (d switchDriver) ValidatePort(ctx context.Context, target sdk.Target, port string) (string, error) {
	return call(ctx, d.about(target), func(r netswitch.Driver) (string, error) { return r.ValidatePort(ctx, target, port) })
}

func (d switchDriver) Open(ctx context.Context, target sdk.Target) (netswitch.Session, error) {
	s, err := newSession(ctx, d.about(target), func(ctx context.Context, r netswitch.Driver) (netswitch.Session, error) { return r.Open(ctx, target) })
	if err != nil {
		return nil, err
	}
	return switchSession{s}, nil
}

// Release closes the sessions of the driver's process. A driver without this ability has none to close.
func (d switchDriver) Release(ctx context.Context, target sdk.Target) error {
	_, err := call(ctx, d.about(target), func(r netswitch.Driver) (struct{}, error) {
		if r, ok := r.(netswitch.Releaser); ok {
			return struct{}{}, r.Release(ctx, target)
		}
		return struct{}{}, nil
	})
	return err
}

type switchSession struct {
	*session[netswitch.Driver, netswitch.Session]
}

func (s switchSession) Read(ctx context.Context, ports []string) ([]netswitch.PortState, error) {
	return ask(ctx, s.session, func(r netswitch.Session) ([]netswitch.PortState, error) { return r.Read(ctx, ports) })
}

func (s switchSession) Plan(ctx context.Context, want []netswitch.PortState) ([]string, error) {
	return ask(ctx, s.session, func(r netswitch.Session) ([]string, error) { return r.Plan(ctx, want) })
}

func (s switchSession) Apply(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	return ask(ctx, s.session, func(r netswitch.Session) ([]netswitch.PortResult, error) {
		results, err := r.Apply(ctx, want)
		for i, p := range results {
			results[i].Err = s.censorPort(p.Err)
		}
		return results, err
	})
}

// ListPorts is Unsupported if the driver's sessions cannot.
func (s switchSession) ListPorts(ctx context.Context) ([]string, error) {
	return ask(ctx, s.session, func(r netswitch.Session) ([]string, error) {
		if r, ok := r.(netswitch.PortLister); ok {
			return r.ListPorts(ctx)
		}
		return nil, &sdk.Error{Code: sdk.Unsupported, Text: "this driver cannot list the ports of a switch"}
	})
}

func (s switchSession) Save(ctx context.Context) error {
	return tell(ctx, s.session, func(r netswitch.Session) error { return r.Save(ctx) })
}

// censorPort is censor for what a driver says of one port.
func (s switchSession) censorPort(fault *sdk.Error) *sdk.Error {
	if fault == nil {
		return nil
	}
	d, err := s.find()
	if err != nil {
		return fault
	}
	clean, _ := errors.AsType[*sdk.Error](censor(d.claims(), s.target, fault))
	return clean
}
