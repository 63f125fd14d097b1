package drivers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// Manager keeps the drivers of a plugin directory running. Its methods may be called concurrently.
type Manager struct {
	config   Config
	log      hclog.Logger
	launcher *launcher
	ready    chan struct{} // closed when the launches of the first scan have ended
	failure  error         // why Run could not start; written before ready is closed

	mu         sync.Mutex // guards the fields below
	drivers    map[string]*entry
	routes     routes
	generation uint64
}

// entry is a driver and what the last scan saw of its file.
type entry struct {
	*driver
	stamp stamp
	stop  context.CancelFunc
}

// New makes a Manager that does nothing before Run.
func New(config Config) *Manager {
	config.Timing = config.Timing.withDefaults()
	log := config.Log.Named("drivers")
	return &Manager{
		config: config, log: log,
		launcher: &launcher{dir: config.Dir, sections: config.Sections, locate: config.Locate, timing: config.Timing, log: log},
		ready:    make(chan struct{}),
		drivers:  map[string]*entry{},
		routes:   newRoutes(nil),
	}
}

// Run finds, launches and relaunches drivers until ctx ends; then no process of them is left. It is called once. Its
// error says why it could not start; a bad driver is not one, and neither is a directory that is not there yet.
func (m *Manager) Run(ctx context.Context) (err error) {
	run, err := openRunDir(m.config.RunDir)
	if err != nil {
		m.failure = err
		close(m.ready)
		return err
	}
	defer func() { err = errors.Join(err, run.close()) }()
	m.launcher.runDir = run.path
	var running sync.WaitGroup
	defer running.Wait()
	w := newWatcher(m.config.Dir, m.config.Timing, m.log)
	defer w.close()
	m.scan(ctx, &running)
	running.Go(func() { m.awaitFirst(ctx) })
	for w.wait(ctx) {
		m.scan(ctx, &running)
	}
	return nil
}

// Ready waits until every driver that was there at the start has come up or failed.
func (m *Manager) Ready(ctx context.Context) error {
	select {
	case <-m.ready:
		return m.failure
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Generation changes whenever the types that are served, or their settings, do.
func (m *Manager) Generation() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.generation
}

// List is every driver in the directory, sorted by name, with those that are refused.
func (m *Manager) List() []Status {
	all := []Status{}
	for _, d := range m.snapshot() {
		all = append(all, d.status())
	}
	slices.SortFunc(all, func(a, b Status) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (m *Manager) snapshot() map[string]*driver {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.plain()
}

// plain is called with the lock held.
func (m *Manager) plain() map[string]*driver {
	all := make(map[string]*driver, len(m.drivers))
	for name, e := range m.drivers {
		all[name] = e.driver
	}
	return all
}

func (m *Manager) awaitFirst(ctx context.Context) {
	begin := time.Now()
	for _, d := range m.snapshot() {
		select {
		case <-d.settled:
		case <-ctx.Done():
			return
		}
	}
	m.log.Debug("first launches are over", "took", time.Since(begin))
	close(m.ready)
}

// reroute works out anew who serves what.
func (m *Manager) reroute() {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := newRoutes(m.plain())
	if !next.sameTypes(m.routes) {
		m.generation++
	}
	m.routes = next
}
