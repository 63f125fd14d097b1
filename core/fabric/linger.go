package fabric

import (
	"context"
	"time"

	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// work drains the lane, and then stays a while: the session with the switch is warm, and as long as the lane is held no
// other server opens a second one. A switch that was not reached is left at once.
func (l *lane) work(ctx context.Context) error {
	if err := l.inherit(ctx); err != nil {
		return err
	}
	for {
		if err := l.drain(ctx); err != nil || l.unreached || !l.warm || !l.linger(ctx) {
			return err
		}
	}
}

// linger waits for more to do, and reports whether any has come.
func (l *lane) linger(ctx context.Context) bool {
	idle := time.NewTimer(l.Linger)
	defer idle.Stop()
	select {
	case <-l.knock:
		return true
	case <-idle.C:
		return false
	case <-ctx.Done():
		return false
	}
}

// release has the driver close its session before the lane goes to somebody else; a driver that cannot be asked, or a
// switch that does not let go, leaves that to the driver's own idle limit.
func (l *lane) release(ctx context.Context) {
	if !l.warm {
		return
	}
	ctx, cancel := l.brief(context.WithoutCancel(ctx))
	defer cancel()
	driver, err := l.Drivers.Switch(l.sw.Type)
	if err != nil {
		return
	}
	if r, ok := driver.(netswitch.Releaser); ok {
		if err := r.Release(ctx, l.target()); err != nil {
			l.log.Debug("session is not released", "err", err)
		}
	}
}
