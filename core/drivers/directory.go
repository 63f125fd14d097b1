package drivers

import (
	"context"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/hashicorp/go-hclog"
)

// scan reads the directory, and starts, replaces and stops drivers accordingly.
func (m *Manager) scan(ctx context.Context, running *sync.WaitGroup) {
	found, err := look(m.config.Dir)
	if err != nil {
		m.log.Warn("plugin directory cannot be read", "dir", m.config.Dir, "err", err)
		return
	}
	if m.drop(found) {
		m.reroute()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, s := range found {
		if e := m.drivers[name]; e == nil {
			m.add(ctx, name, s, running)
		} else if e.stamp != s {
			e.stamp = s
			e.touch()
		}
	}
}

// add starts a driver. It is called with the lock held.
func (m *Manager) add(ctx context.Context, name string, s stamp, running *sync.WaitGroup) {
	ctx, stop := context.WithCancel(ctx)
	d := newDriver(name, m.launcher, m.reroute)
	m.drivers[name] = &entry{driver: d, stamp: s, stop: stop}
	running.Go(func() {
		defer stop()
		d.run(ctx)
	})
}

// drop stops the drivers whose files are gone.
func (m *Manager) drop(found map[string]stamp) (dropped bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, e := range m.drivers {
		if _, ok := found[name]; !ok {
			e.stop()
			delete(m.drivers, name)
			dropped = true
		}
	}
	return dropped
}

// watcher says when the directory is worth a look.
type watcher struct {
	dir    string
	timing Timing
	log    hclog.Logger
	notify *fsnotify.Watcher // nil where the system gives none; then there is only the slow rescan
}

func newWatcher(dir string, timing Timing, log hclog.Logger) *watcher {
	n, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("plugin directory is not watched, only read now and then", "err", err)
	}
	w := &watcher{dir: dir, timing: timing, log: log, notify: n}
	w.attach()
	return w
}

// attach watches the directory, which may not have been there before. The rescan makes good for a failure.
func (w *watcher) attach() {
	if w.notify != nil {
		_ = w.notify.Add(w.dir)
	}
}

func (w *watcher) close() {
	if w.notify != nil {
		_ = w.notify.Close() // nothing was written
	}
}

// wait returns true when the directory has changed and come to rest, or after a while; false when ctx ends.
func (w *watcher) wait(ctx context.Context) bool {
	rescan := time.NewTimer(w.timing.Rescan)
	defer rescan.Stop()
	var events chan fsnotify.Event
	var errs chan error
	if w.notify != nil {
		events, errs = w.notify.Events, w.notify.Errors
	}
	var quiet <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return false
		case <-rescan.C:
			w.attach()
			return true
		case <-quiet:
			return true
		case <-events:
			quiet = time.After(w.timing.Settle)
		case err := <-errs:
			w.log.Warn("events of the plugin directory were lost", "err", err)
			return true
		}
	}
}
