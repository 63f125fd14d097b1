package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// roomDeadline is how long a host may take to say how much room it has; others are there.
const roomDeadline = 10 * time.Second

// hosts chooses among the hosts of headnodes, and remembers how they were.
type hosts struct {
	drivers Drivers
	config  HeadnodeConfig

	mu sync.Mutex // guards the fields below
	// planned is the memory, in MiB, of machines that are about to be made, by their hosts, which do not count it yet.
	planned map[string]int64
	// downSince is when hosts began not to answer.
	downSince map[string]time.Time
}

func newHosts(d Drivers, c HeadnodeConfig) *hosts {
	return &hosts{drivers: d, config: c, planned: map[string]int64{}, downSince: map[string]time.Time{}}
}

// view is what a host has said about its room.
type view struct {
	HeadnodeHost
	headnode.Room
	// unknown says that the host answers, and cannot tell.
	unknown bool
	err     error
	since   time.Time
}

// capacity is the memory that headnodes may have there.
func (v view) capacity() int64 {
	if v.Capacity == 0 || v.unknown {
		return v.Total
	}
	return min(v.Capacity, v.Total)
}

func (v view) free() int64 { return v.capacity() - v.Used }

// HeadnodeHostList tells of the hosts of headnodes, as they are now, in the order of the configuration.
func (s *Service) HeadnodeHostList(ctx context.Context) ([]HeadnodeHostState, error) {
	if err := auth.Check(ctx, "headnode_host_list", auth.Nothing); err != nil {
		return nil, err
	}
	if s.Headnodes.Type == "" || s.DryRun {
		return nil, nil
	}
	var found []HeadnodeHostState
	for _, v := range s.hosts.look(ctx, "") {
		state := HeadnodeHostState{Name: v.Name, Known: v.err == nil && !v.unknown, Capacity: v.capacity(), Used: v.Used, Since: v.since}
		if v.err != nil {
			state.Error = reason(driverError("headnode", v.err))
		}
		found = append(found, state)
	}
	return found, nil
}

// look asks all hosts at once how much room they have, for a machine of an image if one is given.
func (h *hosts) look(ctx context.Context, image string) []view {
	all := h.config.All()
	views := make([]view, len(all))
	var asking sync.WaitGroup
	for i, host := range all {
		asking.Go(func() { views[i] = h.ask(ctx, host, image) })
	}
	asking.Wait()
	return views
}

func (h *hosts) ask(ctx context.Context, host HeadnodeHost, image string) view {
	asking, cancel := context.WithTimeout(ctx, roomDeadline)
	defer cancel()
	v := view{HeadnodeHost: host}
	v.err = h.config.on(asking, h.drivers, host, func(ctx context.Context, s headnode.Session) (err error) {
		r, ok := s.(headnode.Roomer)
		if !ok {
			return &sdk.Error{Code: sdk.Unsupported, Text: "the driver cannot tell how much room there is"}
		}
		v.Room, err = r.Room(ctx, image)
		return err
	})
	if sdk.CodeOf(v.err) == sdk.Unsupported {
		v.unknown, v.err = true, nil
	}
	if ctx.Err() == nil { // else it was the caller who went away
		v.since = h.remember(host.Name, v.err)
	}
	return v
}

// remember notes whether a host answers, and tells since when it does not; the zero time if it does.
func (h *hosts) remember(name string, err error) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !isDown(err) {
		delete(h.downSince, name)
		return time.Time{}
	}
	if h.downSince[name].IsZero() {
		h.downSince[name] = time.Now()
	}
	return h.downSince[name]
}

// isDown reports that a host did not answer, as against one that did, and said no.
func isDown(err error) bool {
	switch core.KindOf(driverError("headnode", err)) {
	case core.BadArgument, core.Refused:
		return false
	}
	return err != nil
}

// place chooses a host for the machine of a headnode: where most memory is free. With one host there is nothing to choose, but
// it is told which that is: there may be another one next year. Until done is called, the machine's memory is not given to others.
func (h *hosts) place(ctx context.Context, n core.Headnode) (host string, done func(), err error) {
	if len(h.config.Hosts) == 0 {
		return h.config.URI, func() {}, nil
	}
	views := h.look(ctx, n.BaseImg)
	h.mu.Lock()
	defer h.mu.Unlock()
	best := -1
	for i := range views {
		v := &views[i]
		v.Used += h.planned[v.Name]
		if fits(*v) && (best < 0 || better(*v, views[best])) {
			best = i
		}
	}
	if best < 0 {
		return "", nil, noRoom(n, views)
	}
	v := views[best]
	h.planned[v.Name] += v.Needed
	return v.Name, sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.planned[v.Name] -= v.Needed
	}), nil
}

// fits reports that there may be room: what is not known is tried.
func fits(v view) bool {
	return v.err == nil && (v.unknown || v.free() >= max(v.Needed, 1))
}

func better(a, b view) bool {
	if a.unknown != b.unknown {
		return b.unknown
	}
	return a.free() > b.free()
}

// noRoom says what is in the way on each host.
func noRoom(n core.Headnode, views []view) error {
	down, badImage := false, true
	var words []string
	for _, v := range views {
		down = down || isDown(v.err)
		badImage = badImage && sdk.CodeOf(v.err) == sdk.Invalid
		words = append(words, v.Name+": "+inTheWay(v))
	}
	kind := core.Exhausted
	switch {
	case down:
		kind = core.Unavailable
	case badImage:
		kind = core.BadArgument
	}
	return &core.Error{Kind: kind, Device: "headnode", Text: fmt.Sprintf("no host can take headnode %s now; try again later, or delete another headnode (%s)", n.Label, strings.Join(words, "; "))}
}

func inTheWay(v view) string {
	if v.err == nil {
		return fmt.Sprintf("%d MiB are free, %d are needed", max(v.free(), 0), max(v.Needed, 1))
	}
	if errors.Is(v.err, context.DeadlineExceeded) {
		return "did not answer in time"
	}
	return driverError("headnode", v.err).Error()
}
