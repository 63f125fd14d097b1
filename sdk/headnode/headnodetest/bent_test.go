package headnodetest_test

import (
	"context"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// bent is a good driver with some methods bent out of shape.
type bent struct {
	*memory
	info           func(sdk.Info) sdk.Info
	validateTarget func(error) error
	open           func(context.Context, headnode.Session, error, sdk.Target) (headnode.Session, error)
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

func (b *bent) Open(ctx context.Context, target sdk.Target) (headnode.Session, error) {
	s, err := b.memory.Open(ctx, target)
	if b.open != nil {
		return b.open(ctx, s, err, target)
	}
	return s, err
}

// bentSession is a good session with some methods bent out of shape.
type bentSession struct {
	memorySession
	images func() []headnode.Image
	create func(ctx context.Context, spec headnode.Spec) error
	start  func(ctx context.Context, id string) error
	stop   func(ctx context.Context, id string) error
	delete func(ctx context.Context, id string) error
	state  func(ctx context.Context, id string) (headnode.State, error)
}

func (b bentSession) Images(ctx context.Context) ([]headnode.Image, error) {
	if b.images != nil {
		return b.images(), nil
	}
	return b.memorySession.Images(ctx)
}

func (b bentSession) Create(ctx context.Context, spec headnode.Spec) error {
	if b.create != nil {
		return b.create(ctx, spec)
	}
	return b.memorySession.Create(ctx, spec)
}

func (b bentSession) Start(ctx context.Context, id string) error {
	if b.start != nil {
		return b.start(ctx, id)
	}
	return b.memorySession.Start(ctx, id)
}

func (b bentSession) Stop(ctx context.Context, id string) error {
	if b.stop != nil {
		return b.stop(ctx, id)
	}
	return b.memorySession.Stop(ctx, id)
}

func (b bentSession) Delete(ctx context.Context, id string) error {
	if b.delete != nil {
		return b.delete(ctx, id)
	}
	return b.memorySession.Delete(ctx, id)
}

func (b bentSession) State(ctx context.Context, id string) (headnode.State, error) {
	if b.state != nil {
		return b.state(ctx, id)
	}
	return b.memorySession.State(ctx, id)
}

// session is a driver whose sessions are bent, each by one call of bend.
func session(bend func(s *bentSession, opened context.Context)) func(*bent) {
	return func(b *bent) {
		b.open = func(ctx context.Context, _ headnode.Session, err error, _ sdk.Target) (headnode.Session, error) {
			if err != nil {
				return nil, err
			}
			s := bentSession{memorySession: memorySession{b.memory}}
			bend(&s, ctx)
			return s, nil
		}
	}
}
