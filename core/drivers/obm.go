package drivers

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// obmDriver is an out-of-band management driver whose process may come and go.
type obmDriver struct{ handle }

var _ obm.Driver = obmDriver{}

func (d obmDriver) Info(ctx context.Context) (sdk.Info, error) {
	return call(ctx, d.handle, func(r obm.Driver) (sdk.Info, error) { return r.Info(ctx) })
}

func (d obmDriver) ValidateTarget(ctx context.Context, target sdk.Target) error {
	_, err := call(ctx, d.about(target), func(r obm.Driver) (struct{}, error) { return struct{}{}, r.ValidateTarget(ctx, target) })
	return err
}

func (d obmDriver) Open(ctx context.Context, target sdk.Target) (obm.Session, error) {
	s, err := newSession(ctx, d.about(target), func(ctx context.Context, r obm.Driver) (obm.Session, error) { return r.Open(ctx, target) })
	if err != nil {
		return nil, err
	}
	if _, ok := s.current().(obm.Consoler); ok {
		return consoleSession{obmSession{s}}, nil
	}
	return obmSession{s}, nil
}

type obmSession struct {
	*session[obm.Driver, obm.Session]
}

func (s obmSession) PowerOn(ctx context.Context) error {
	return tell(ctx, s.session, func(r obm.Session) error { return r.PowerOn(ctx) })
}

func (s obmSession) PowerOff(ctx context.Context) error {
	return tell(ctx, s.session, func(r obm.Session) error { return r.PowerOff(ctx) })
}

func (s obmSession) PowerCycle(ctx context.Context, force bool) error {
	return tell(ctx, s.session, func(r obm.Session) error { return r.PowerCycle(ctx, force) })
}

func (s obmSession) PowerStatus(ctx context.Context) (obm.Power, error) {
	return ask(ctx, s.session, func(r obm.Session) (obm.Power, error) { return r.PowerStatus(ctx) })
}

func (s obmSession) SetBootDevice(ctx context.Context, dev obm.BootDevice) error {
	return tell(ctx, s.session, func(r obm.Session) error { return r.SetBootDevice(ctx, dev) })
}

// consoleSession is the session with a controller that has a console.
type consoleSession struct{ obmSession }

var (
	_ obm.Consoler     = consoleSession{}
	_ obm.ConsoleTaker = consoleSession{}
)

// Console opens a stream that ends with the driver's process; it is the opening that is repeated.
func (s consoleSession) Console(ctx context.Context) (io.ReadWriteCloser, error) {
	return ask(ctx, s.session, func(r obm.Session) (io.ReadWriteCloser, error) {
		c, ok := r.(obm.Consoler)
		if !ok { // the driver was replaced by one that knows no consoles
			return nil, &sdk.Error{Code: sdk.Unsupported, Text: "this controller has no console"}
		}
		return c.Console(ctx)
	})
}

// TakeConsole is Console of a line that somebody else may hold. It is Unsupported if the driver's sessions cannot.
func (s consoleSession) TakeConsole(ctx context.Context) (io.ReadWriteCloser, error) {
	return ask(ctx, s.session, func(r obm.Session) (io.ReadWriteCloser, error) {
		t, ok := r.(obm.ConsoleTaker)
		if !ok {
			return nil, cannot("take a console from its holder")
		}
		return t.TakeConsole(ctx)
	})
}
