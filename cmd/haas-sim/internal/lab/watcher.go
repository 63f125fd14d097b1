package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// round is the time between two of a machine's beacons on the same VLAN.
const round = 5 * time.Millisecond

// roundsPerState is how many whole rounds a simulated switch stays in each state it passes through, however busy this
// machine is, so that a wrong one is not missed between two beacons. The first may still be behind the change of the
// bridge in the bridge's queue.
const roundsPerState = 2

// shownSightings is how many of the sightings are told in full.
const shownSightings = 10

// watcher makes every machine shout all the time, without a tag and with the tag of every VLAN there is, as a machine
// in strange hands might, and listens on every machine for those it must not hear: the machines of other projects.
type watcher struct {
	lab      string
	machines []*machine
	vlans    []int

	// running says that machines shout.
	running atomic.Bool

	mu       sync.Mutex // guards the fields below
	owners   map[string]history
	heard    map[hearing]time.Time // when last
	sent     int
	received int
	slowest  time.Duration
	foreign  []sighting
}

// hearing is one machine heard by another, by name; vlan is that of the tag it came with, 0 without one.
type hearing struct {
	pair
	vlan int
}

// sighting is a beacon where it must not be.
type sighting struct {
	hearing
	at time.Time
	// sender and receiver are the projects of the machines.
	sender, receiver string
}

// String is the sighting for people.
func (s sighting) String() string {
	tag := "without a tag"
	if s.vlan != 0 {
		tag = fmt.Sprintf("with the tag of VLAN %d", s.vlan)
	}
	return fmt.Sprintf("%s: %s of %s received a frame of %s of %s, %s",
		s.at.Format("15:04:05.000"), s.to, s.receiver, s.from, s.sender, tag)
}

func newWatcher(lab string, machines []*machine, vlans []int) *watcher {
	w := &watcher{lab: lab, machines: machines, vlans: append([]int{untagged}, vlans...), owners: map[string]history{}, heard: map[hearing]time.Time{}}
	for _, m := range machines {
		w.free(m)
	}
	return w
}

// owned says that from now on a machine belongs to a project. Its port is closed at this moment.
func (w *watcher) owned(m *machine, project string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.owners[m.name] = append(w.owners[m.name], ownership{project, time.Now()})
	m.owner.Store(&project)
}

// free says that from now on a machine belongs to nobody, and must reach nobody.
func (w *watcher) free(m *machine) { w.owned(m, "nobody ("+m.name+")") }

// run watches until ctx ends, or the machines do.
func (w *watcher) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w.running.Store(true)
	defer w.running.Store(false)
	var all sync.WaitGroup
	for _, m := range w.machines {
		all.Go(func() { cancel(w.shout(ctx, m)) })
		all.Go(func() { cancel(w.listen(ctx, m)) })
	}
	<-ctx.Done()
	for _, m := range w.machines {
		_ = m.wire.file.SetReadDeadline(time.Now()) // ends listen; a closed wire has ended it already
	}
	all.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("watch: %w", err)
	}
	return nil
}

// shout sends beacons in rounds, one for every VLAN.
func (w *watcher) shout(ctx context.Context, m *machine) error {
	tick := time.NewTicker(round)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-tick.C:
			w.count(now.Sub(last))
			last = now
		}
		frame := beacon{lab: w.lab, machine: m.name, owner: *m.owner.Load()}.frame(m.mac())
		for _, vlan := range w.vlans {
			// A full queue loses frames, as cables do.
			if err := m.wire.send(tagged(frame, vlan)); err != nil && !errors.Is(err, unix.ENOBUFS) {
				return fmt.Errorf("send as %s: %w", m.name, err)
			}
		}
		m.rounds.Add(1)
	}
}

// see waits until every machine has shouted on every VLAN since now.
func (w *watcher) see(ctx context.Context) {
	tick := time.NewTicker(round)
	defer tick.Stop()
	enough := map[*machine]int64{}
	for _, m := range w.machines {
		enough[m] = m.rounds.Load() + 1 + roundsPerState // the round under way may have begun before
	}
	for _, m := range w.machines {
		for w.running.Load() && m.rounds.Load() < enough[m] {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (w *watcher) count(pause time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent += len(w.vlans)
	w.slowest = max(w.slowest, pause)
}

// listen judges every beacon that comes in.
func (w *watcher) listen(ctx context.Context, m *machine) error {
	buf := make([]byte, 2048)
	for {
		a, err := m.wire.receive(buf)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, os.ErrClosed):
			return err
		case err != nil:
			return fmt.Errorf("receive as %s: %w", m.name, err)
		}
		if b, err := parseBeacon(a.frame); err == nil && b.machine != m.name {
			w.judge(m.name, a, b)
		}
	}
}

func (w *watcher) judge(to string, a arrival, b beacon) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := hearing{pair{b.machine, to}, a.vlan}
	w.received++
	w.heard[h] = a.at
	if owner := w.owners[to].at(a.at); b.lab != w.lab || b.owner != owner {
		w.foreign = append(w.foreign, sighting{hearing: h, at: a.at, sender: b.owner, receiver: owner})
	}
}

// since is who was heard after a moment, in one VLAN's tagged frames or in untagged ones.
func (w *watcher) since(t time.Time, vlan int) matrix {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := matrix{}
	for h, last := range w.heard {
		if h.vlan == vlan && last.After(t) {
			m[h.pair] = true
		}
	}
	return m
}

// verdict is nil as long as no beacon was where it must not be.
func (w *watcher) verdict() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.foreign) == 0 {
		return nil
	}
	errs := []error{fmt.Errorf("%w: %d frames", errForeign, len(w.foreign))}
	for _, s := range w.foreign[:min(len(w.foreign), shownSightings)] {
		errs = append(errs, errors.New(s.String()))
	}
	return errors.Join(errs...)
}

// errForeign is the one thing that must never happen.
var errForeign = errors.New("a machine received frames of another project")

// String is what was watched, for people.
func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprintf("%d frames sent, %d received, %d of them foreign; the longest pause was %v",
		w.sent, w.received, len(w.foreign), w.slowest.Round(time.Millisecond))
}
