package drivers

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
)

// driver is one file of the plugin directory, and the process that runs it, if there is one.
type driver struct {
	name, kind string
	launcher   *launcher
	log        hclog.Logger
	// reroute is called after info or a claim on a type may have changed.
	reroute func()
	// replaced is sent to when the file, or what it must comply with, has changed.
	replaced chan struct{}
	// settled is closed when the first launch has succeeded or failed.
	settled chan struct{}

	mu        sync.Mutex // guards the fields below
	state     State
	since     time.Time
	proc      *process // nil unless running
	info      sdk.Info // of the last process that came up
	launches  int      // those that succeeded
	lastError string
	clash     string        // why its types are not its own, empty if they are
	news      chan struct{} // closed and replaced with every change of state or proc
}

func newDriver(name string, l *launcher, reroute func()) *driver {
	return &driver{
		name: name, kind: kindOf(name), launcher: l, log: l.log.With("driver", name), reroute: reroute,
		replaced: make(chan struct{}, 1), settled: make(chan struct{}),
		state: Starting, since: time.Now(), news: make(chan struct{}),
	}
}

// touch tells the driver that its file has changed.
func (d *driver) touch() {
	select {
	case d.replaced <- struct{}{}:
	default: // it has not yet seen the last change
	}
}

// publish makes p the process that calls go to.
func (d *driver) publish(p *process) {
	d.mu.Lock()
	d.proc, d.info = p, p.info
	d.launches++
	d.turn(Running)
	d.mu.Unlock()
	d.reroute()
}

// retract leaves the driver without a process, for the given reason if there is one.
func (d *driver) retract(state State, reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.proc = nil
	if reason != "" {
		d.lastError = reason
	}
	d.turn(state)
}

// note remembers what went wrong while the driver goes on.
func (d *driver) note(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lastError = err.Error()
}

// turn is called with the lock held.
func (d *driver) turn(state State) {
	if d.state != state {
		d.state, d.since = state, time.Now()
	}
	close(d.news)
	d.news = make(chan struct{})
}

// everUp reports whether a launch has ever succeeded.
func (d *driver) everUp() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.launches > 0
}

// refused reports that the file must not be launched as it is.
func (d *driver) refused() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state == Refused
}

// acquire gives the process, which is another one than not, and counts a call of it that the caller ends with
// calls.Done. It waits a moment for a driver that comes up.
func (d *driver) acquire(ctx context.Context, not *process) (*process, error) {
	ctx, cancel := context.WithTimeout(ctx, d.launcher.timing.Wait)
	defer cancel()
	for {
		p, news, err := d.peek(not)
		if p != nil || err != nil {
			return p, err
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, down(d.name, d.status().LastError)
		}
	}
}

// peek gives the process and counts a call of it, or what to wait for, or the reason why waiting is in vain.
func (d *driver) peek(not *process) (*process, <-chan struct{}, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.proc != nil && d.proc != not {
		d.proc.calls.Add(1)
		return d.proc, nil, nil
	}
	if d.hopeless() {
		return nil, nil, down(d.name, d.lastError)
	}
	return nil, d.news, nil
}

// outage is the reason why the driver will not be there within a moment, nil if it may be.
func (d *driver) outage() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.proc == nil && d.hopeless() {
		return down(d.name, d.lastError)
	}
	return nil
}

// hopeless reports that the driver will not be there within a moment. It is called with the lock held.
func (d *driver) hopeless() bool {
	return d.state == Broken || d.state == Refused || d.state == stopped
}

func (d *driver) status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Status{
		Name: d.name, Kind: d.kind, Version: d.info.Version, Types: []string{}, State: d.state,
		Restarts: max(0, d.launches-1), LastError: d.lastError, Since: d.since,
	}
	for _, t := range d.info.Types {
		s.Types = append(s.Types, t.URL)
	}
	if d.proc != nil {
		s.PID = d.proc.child.pid()
	}
	if d.clash != "" {
		s.State, s.LastError = Refused, d.clash
	}
	return s
}
