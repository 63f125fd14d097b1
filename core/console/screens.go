package console

import (
	"context"
	"io"
	"maps"
	"sync"
	"time"
)

// blindLimit is for how long a screen stays open although nobody can tell whether its viewer may see it: a database is
// started anew within seconds.
const blindLimit = 30 * time.Second

// Screens holds the open screens of headnodes on this server. Each is a session of its own with the host, on whatever
// server its viewer came to.
type Screens struct {
	// life ends with Shutdown; a screen ends with it, with its viewer, or with the headnode.
	life context.Context //nolint:containedctx // the component's own lifetime, not a request's.
	end  context.CancelFunc
	work sync.WaitGroup

	mu   sync.Mutex
	open map[*Screen]int64 // the headnodes' IDs, guarded by mu
}

// NewScreens makes one without screens.
func NewScreens() *Screens {
	life, end := context.WithCancel(context.Background())
	return &Screens{life: life, end: end, open: map[*Screen]int64{}}
}

// Screen is an open screen of a headnode: the bytes of the remote framebuffer protocol.
type Screen struct {
	io.ReadWriteCloser
	of    *Screens
	ended chan struct{}
	once  sync.Once
	err   error
}

// Open opens a screen of a headnode until it is closed, the headnode's screens are, ctx ends, or its viewer is not allowed
// to see it any more.
func (s *Screens) Open(ctx context.Context, headnode int64, allowed func(context.Context) error,
	open func(context.Context) (io.ReadWriteCloser, error),
) (*Screen, error) {
	opening, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	stream, err := openWithin(opening, s.life, open)
	if err != nil {
		return nil, err
	}
	v := &Screen{ReadWriteCloser: stream, of: s, ended: make(chan struct{})}
	if !s.add(v, headnode, func() { v.watch(ctx, allowed) }) {
		_ = stream.Close() // the reason to close it is what counts
		return nil, errShutDown
	}
	return v, nil
}

// add notes an open screen, and runs what watches over it.
func (s *Screens) add(v *Screen, headnode int64, watch func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life.Err() != nil {
		return false
	}
	s.open[v] = headnode
	s.work.Go(watch)
	return true
}

// watch closes the screen when it must not be seen any more.
func (v *Screen) watch(ctx context.Context, allowed func(context.Context) error) {
	defer func() { _ = v.Close() }() // it was only looked at
	tick := time.NewTicker(recheckInterval)
	defer tick.Stop()
	for known := time.Now(); time.Since(known) < blindLimit; {
		select {
		case <-v.ended:
			return
		case <-ctx.Done():
			return
		case <-v.of.life.Done():
			return
		case <-tick.C:
		}
		switch err := ask(ctx, allowed); {
		case refuses(err):
			return
		case err == nil:
			known = time.Now()
		}
	}
}

// Close lets go of the screen, once.
func (v *Screen) Close() error {
	v.once.Do(func() {
		v.of.mu.Lock()
		delete(v.of.open, v)
		v.of.mu.Unlock()
		close(v.ended)
		v.err = v.ReadWriteCloser.Close()
	})
	return v.err
}

// End closes all screens of a headnode here.
func (s *Screens) End(headnode int64) {
	s.mu.Lock()
	of := maps.Clone(s.open)
	s.mu.Unlock()
	maps.DeleteFunc(of, func(_ *Screen, id int64) bool { return id != headnode })
	for v := range of {
		_ = v.Close() // it was only looked at
	}
}

// Shutdown closes every screen and waits until nothing of them runs.
func (s *Screens) Shutdown() {
	s.mu.Lock()
	s.end()
	s.mu.Unlock()
	s.work.Wait()
}
