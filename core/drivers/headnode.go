package drivers

import (
	"context"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// headnodeDriver is a headnode driver whose process may come and go.
type headnodeDriver struct{ handle }

var _ headnode.Driver = headnodeDriver{}

func (d headnodeDriver) Info(ctx context.Context) (sdk.Info, error) {
	return call(ctx, d.handle, func(r headnode.Driver) (sdk.Info, error) { return r.Info(ctx) })
}

func (d headnodeDriver) ValidateTarget(ctx context.Context, target sdk.Target) error {
	_, err := call(ctx, d.about(target), func(r headnode.Driver) (struct{}, error) { return struct{}{}, r.ValidateTarget(ctx, target) })
	return err
}

func (d headnodeDriver) Open(ctx context.Context, target sdk.Target) (headnode.Session, error) {
	s, err := newSession(ctx, d.about(target), func(ctx context.Context, r headnode.Driver) (headnode.Session, error) { return r.Open(ctx, target) })
	if err != nil {
		return nil, err
	}
	return headnodeSession{s}, nil
}

type headnodeSession struct {
	*session[headnode.Driver, headnode.Session]
}

func (s headnodeSession) Images(ctx context.Context) ([]headnode.Image, error) {
	return ask(ctx, s.session, func(r headnode.Session) ([]headnode.Image, error) { return r.Images(ctx) })
}

func (s headnodeSession) Create(ctx context.Context, spec headnode.Spec) error {
	return tell(ctx, s.session, func(r headnode.Session) error { return r.Create(ctx, spec) })
}

func (s headnodeSession) Start(ctx context.Context, id string) error {
	return tell(ctx, s.session, func(r headnode.Session) error { return r.Start(ctx, id) })
}

// Stop is refused for a machine that does not run. If the driver vanished meanwhile, it may have stopped the machine before;
// then it is enough that the machine does not run.
func (s headnodeSession) Stop(ctx context.Context, id string) error {
	repeated := false
	return tell(ctx, s.session, func(r headnode.Session) error {
		err := r.Stop(ctx, id)
		if repeated && sdk.CodeOf(err) == sdk.Refused && isOff(ctx, r, id) {
			return nil
		}
		repeated = true
		return err
	})
}

// isOff reports that a machine is known not to run.
func isOff(ctx context.Context, s headnode.Session, id string) bool {
	state, err := s.State(ctx, id)
	return err == nil && !state.Running
}

func (s headnodeSession) Delete(ctx context.Context, id string) error {
	return tell(ctx, s.session, func(r headnode.Session) error { return r.Delete(ctx, id) })
}

func (s headnodeSession) State(ctx context.Context, id string) (headnode.State, error) {
	return ask(ctx, s.session, func(r headnode.Session) (headnode.State, error) { return r.State(ctx, id) })
}
