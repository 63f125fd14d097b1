package netswitchtest_test

import (
	"context"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

type (
	ports  = []string
	states = []netswitch.PortState
)

// bent is a good driver with some methods bent out of shape.
type bent struct {
	*memory
	info           func(sdk.Info) sdk.Info
	validateTarget func(error, sdk.Target) error
	validatePort   func(port string) (string, error)
	open           func(context.Context, netswitch.Session, error, sdk.Target) (netswitch.Session, error)
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
		err = b.validateTarget(err, target)
	}
	return err
}

func (b *bent) ValidatePort(ctx context.Context, target sdk.Target, port string) (string, error) {
	if b.validatePort != nil {
		return b.validatePort(port)
	}
	return b.memory.ValidatePort(ctx, target, port)
}

func (b *bent) Open(ctx context.Context, target sdk.Target) (netswitch.Session, error) {
	s, err := b.memory.Open(ctx, target)
	if b.open != nil {
		return b.open(ctx, s, err, target)
	}
	return s, err
}

// bentSession is a good session with some methods bent out of shape.
type bentSession struct {
	netswitch.Session
	ctx   context.Context // that of Open
	read  func(s netswitch.Session, ctx context.Context, ports []string) ([]netswitch.PortState, error)
	plan  func(s netswitch.Session, ctx context.Context, want []netswitch.PortState) ([]string, error)
	apply func(s netswitch.Session, ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error)
	save  func(ctx context.Context) error
	list  func(ports) ports
	close func()
}

func (b *bentSession) ListPorts(ctx context.Context) ([]string, error) {
	found, err := b.Session.(netswitch.PortLister).ListPorts(ctx)
	if b.list != nil {
		found = b.list(found)
	}
	return found, err
}

func (b *bentSession) Read(ctx context.Context, ports []string) ([]netswitch.PortState, error) {
	if b.read != nil {
		return b.read(b.Session, ctx, ports)
	}
	return b.Session.Read(ctx, ports)
}

func (b *bentSession) Plan(ctx context.Context, want []netswitch.PortState) ([]string, error) {
	if b.plan != nil {
		return b.plan(b.Session, ctx, want)
	}
	return b.Session.Plan(ctx, want)
}

func (b *bentSession) Apply(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	if b.apply != nil {
		return b.apply(b.Session, ctx, want)
	}
	return b.Session.Apply(ctx, want)
}

func (b *bentSession) Save(ctx context.Context) error {
	if b.save != nil {
		return b.save(ctx)
	}
	return b.Session.Save(ctx)
}

// session is a driver whose sessions are bent, each by one call of bend.
func session(bend func(s *bentSession, m *memory)) func(*bent) {
	return func(b *bent) {
		b.open = func(ctx context.Context, s netswitch.Session, err error, _ sdk.Target) (netswitch.Session, error) {
			if err != nil {
				return nil, err
			}
			bent := &bentSession{Session: s, ctx: ctx}
			bend(bent, b.memory)
			return bent, nil
		}
	}
}

// forgives lets settings pass about which the good driver complains with the given words.
func forgives(words string) func(*bent) {
	return func(b *bent) {
		b.validateTarget = func(err error, _ sdk.Target) error {
			if err != nil && strings.Contains(err.Error(), words) {
				return nil
			}
			return err
		}
	}
}

type applyFunc = func(good netswitch.Session, ctx context.Context, m *memory, want states) ([]netswitch.PortResult, error)

func applying(apply applyFunc) func(*bent) {
	return session(func(s *bentSession, m *memory) {
		s.apply = func(good netswitch.Session, ctx context.Context, want states) ([]netswitch.PortResult, error) {
			return apply(good, ctx, m, want)
		}
	})
}

func planning(plan func(good netswitch.Session, ctx context.Context, want states) ([]string, error)) func(*bent) {
	return session(func(s *bentSession, _ *memory) { s.plan = plan })
}

func (b *bentSession) Close() error {
	if b.close != nil {
		b.close()
	}
	return b.Session.Close()
}

// now is the state of a port.
func (m *memory) now(port string) netswitch.PortState {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ports[port]
}
