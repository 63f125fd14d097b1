package store_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// long is a lease, in milliseconds, that outlasts any test.
const long = int64(time.Hour / time.Millisecond)

// ever is a time that everything unsaved is older than, and that no check is due by.
var ever = store.Chores{SaveBefore: math.MaxInt64, CheckBefore: -1}

func TestTakeLane(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		sw := newSite(t, s).sw.ID
		first := get(s.TakeLane(ctx, sw, "a", long))(t)
		if first.Owner != "a" || first.Fence != 1 || first.Until <= time.Now().UnixMilli() {
			t.Errorf("taken lane is %+v", first)
		}
		if again := get(s.TakeLane(ctx, sw, "a", long))(t); again.Fence != first.Fence || again.Until < first.Until {
			t.Errorf("the owner's lane is %+v, was %+v", again, first)
		}
		if _, err := s.TakeLane(ctx, sw, "b", long); !errors.Is(err, store.ErrLaneLost) {
			t.Errorf("taking a lane that is held: %v", err)
		}
		must(t, s.FreeLane(ctx, first))
		if second := get(s.TakeLane(ctx, sw, "b", long))(t); second.Fence != first.Fence+1 {
			t.Errorf("fence is %d after a change of owner, was %d", second.Fence, first.Fence)
		}
	})
}

func TestLaneOfAnOwnerThatDied(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		late := get(s.TakeLane(ctx, f.sw.ID, "a", -1))(t)
		taken := get(s.TakeLane(ctx, f.sw.ID, "b", long))(t)
		if taken.Fence <= late.Fence {
			t.Errorf("fence is %d, was %d", taken.Fence, late.Fence)
		}
		must(t, f.InTx(ctx, func(ctx context.Context, q store.Queries) error { return q.HoldLane(ctx, taken) }))

		err := f.InTx(ctx, func(ctx context.Context, q store.Queries) error {
			if err := q.MarkUnsaved(ctx, f.sw.ID); err != nil {
				return err
			}
			return q.HoldLane(ctx, late)
		})
		if !errors.Is(err, store.ErrLaneLost) {
			t.Errorf("the late writer got %v", err)
		}
		must(t, s.FreeLane(ctx, late))
		l := get(s.Lane(ctx, f.sw.ID))(t)
		if l.UnsavedSince != 0 || l.Owner != "b" || l.Until != taken.Until {
			t.Errorf("the late writer changed the lane to %+v", l)
		}
	})
}

func TestEightTakeOneLane(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sw := newSite(t, s).sw.ID
		won := 0
		for _, err := range atOnce(func(i int) error {
			_, err := s.TakeLane(t.Context(), sw, string(rune('a'+i)), long)
			return err
		}) {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, store.ErrLaneLost):
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d took the lane", won)
		}
	})
}

func TestLanesWithWork(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		work := func(owner string) bool { return len(get(s.LanesWithWork(ctx, owner, ever))(t)) == 1 }
		if work("a") {
			t.Error("a switch nobody wants anything of has work")
		}
		must(t, s.WantPort(ctx, f.ports[0].ID))
		if !work("a") {
			t.Error("a wanted port is no work")
		}
		l := get(s.TakeLane(ctx, f.sw.ID, "a", long))(t)
		if !work("a") || work("b") {
			t.Error("the lane's work is not its owner's alone")
		}
		must(t, s.FreeLane(ctx, l))
		if !work("b") {
			t.Error("a lane that was given back is nobody's")
		}
		f.seen(t)
		if work("a") {
			t.Error("a settled port is work")
		}
		must(t, s.MarkUnsaved(ctx, f.sw.ID))
		if !work("a") {
			t.Error("an unsaved configuration is no work")
		}
	})
}

func TestLaneStates(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		sw := newSite(t, s).sw.ID
		at := time.UnixMilli(1000)
		s = s.WithClock(func() time.Time { return at })

		must(t, s.MarkUnsaved(ctx, sw))
		at = time.UnixMilli(2000)
		must(t, s.MarkUnsaved(ctx, sw))
		if l := get(s.Lane(ctx, sw))(t); l.UnsavedSince != 1000 {
			t.Errorf("unsaved since %d, want the first change, 1000", l.UnsavedSince)
		}
		must(t, s.MarkSaved(ctx, sw))
		must(t, s.LaneFailed(ctx, sw, 5000, "no route"))
		must(t, s.LaneFailed(ctx, sw, 9000, "still no route"))
		l := get(s.Lane(ctx, sw))(t)
		if l.UnsavedSince != 0 || l.Failures != 2 || l.RetryAt != 9000 || l.LastError != "still no route" {
			t.Errorf("failed lane is %+v", l)
		}
		must(t, s.LaneReached(ctx, sw))
		if l := get(s.Lane(ctx, sw))(t); l.Failures != 0 || l.RetryAt != 0 || l.LastError != "" {
			t.Errorf("reached lane is %+v", l)
		}
		_, err := s.Lane(ctx, 999)
		wantKind(t, err, core.NotFound)
	})
}
