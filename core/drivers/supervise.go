package drivers

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
)

// run launches the driver again and again until ctx ends; then no process of it is left. On its way it counts quick:
// the launches in a row that failed, or whose process died quickly.
func (d *driver) run(ctx context.Context) {
	// The kernel ends a driver together with the thread that started it, so the thread is kept until the end, and
	// never given back: whatever this function should leave behind dies with it.
	runtime.LockOSThread()
	var retiring sync.WaitGroup
	defer retiring.Wait()
	for quick := 0; ctx.Err() == nil; {
		p, err := d.launcher.launch(ctx, d.name)
		if err == nil {
			quick = d.serve(ctx, p, &retiring, quick)
		} else {
			quick = d.failed(ctx, err, quick)
		}
		quick = d.pause(ctx, quick)
	}
	d.retract(stopped, "")
}

// failed takes note of a launch that did not succeed.
func (d *driver) failed(ctx context.Context, err error, quick int) int {
	if ctx.Err() != nil {
		return quick
	}
	d.log.Warn("driver does not come up", "err", err)
	d.retract(d.stateAfter(err, quick+1), err.Error())
	d.settle()
	return quick + 1
}

// stateAfter is the state of a driver without a process.
func (d *driver) stateAfter(err error, quick int) State {
	if _, ok := errors.AsType[*refusal](err); ok {
		return Refused
	}
	if quick >= d.launcher.timing.Breaker || !d.everUp() {
		return Broken
	}
	return Restarting
}

// serve lets p be used until it has ended, replacing it when the file changes.
func (d *driver) serve(ctx context.Context, p *process, retiring *sync.WaitGroup, quick int) int {
	d.publish(p)
	d.settle()
	d.log.Info("driver is up", "version", p.info.Version, "pid", p.child.pid())
	ping := time.NewTicker(d.launcher.timing.Ping)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			d.retract(stopped, "")
			p.stop()
			return quick
		case <-p.child.exited:
			return d.bury(p, quick)
		case <-d.replaced:
			if next := d.replacement(ctx); next != nil {
				d.publish(next)
				old := p
				retiring.Go(func() { old.retire(ctx, d.launcher.timing.Drain) })
				p, quick = next, 0
			}
		case <-ping.C:
			d.check(ctx, p)
		}
	}
}

// replacement launches the changed file. If that fails the driver goes on as it is.
func (d *driver) replacement(ctx context.Context) *process {
	p, err := d.launcher.launch(ctx, d.name)
	if err != nil {
		if ctx.Err() == nil {
			d.log.Warn("changed driver does not come up, the old one goes on", "err", err)
			d.note(err)
		}
		return nil
	}
	d.log.Info("driver is replaced", "version", p.info.Version, "pid", p.child.pid())
	return p
}

// check ends a process that does not answer; serve then sees that it has ended.
func (d *driver) check(ctx context.Context, p *process) {
	if err := p.ping(ctx, d.launcher.timing.Ping); err != nil && ctx.Err() == nil {
		d.log.Warn("driver does not answer", "err", err)
		p.child.kill()
	}
}

// bury takes note of a death.
func (d *driver) bury(p *process, quick int) int {
	quick++
	if p.served.Load() || time.Since(p.born) >= d.launcher.timing.Quick {
		quick = 1
	}
	d.retract(d.stateAfter(nil, quick), "the process ended")
	p.kill()
	d.log.Warn("driver died", "fate", p.child.fate())
	d.note(errors.New("the process ended: " + p.child.fate()))
	return quick
}

// pause waits until the driver may be launched again. A changed file starts with a clean record.
func (d *driver) pause(ctx context.Context, quick int) int {
	var again <-chan time.Time
	if !d.refused() {
		timer := time.NewTimer(d.launcher.timing.pause(quick))
		defer timer.Stop()
		again = timer.C
	}
	select {
	case <-ctx.Done():
	case <-again:
	case <-d.replaced:
		return 0
	}
	return quick
}

// pause is how long to wait after so many quick deaths in a row.
func (t Timing) pause(quick int) time.Duration {
	if quick >= t.Breaker {
		return t.Slow
	}
	return min(t.Backoff<<max(0, quick-1), t.Slow)
}

// settle marks the end of the first launch.
func (d *driver) settle() {
	select {
	case <-d.settled:
	default:
		close(d.settled)
	}
}
