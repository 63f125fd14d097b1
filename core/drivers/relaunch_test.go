package drivers_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestACallSurvivesTheDeathOfTheDriver(t *testing.T) {
	t.Parallel()
	dir, device := t.TempDir(), t.TempDir()
	play(t, dir, "switch-good")
	m := start(t, drivers.Config{Dir: dir})
	s := openGood(t, m, device)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Save(t.Context()); err != nil {
			t.Error(err)
		}
	})
	victim := status(m, "switch-good").PID
	awaitFile(t, filepath.Join(device, fmt.Sprint(victim)))
	must(t, syscall.Kill(victim, syscall.SIGKILL))
	must(t, os.WriteFile(filepath.Join(device, "go on"), nil, 0o600))
	wg.Wait()
	if now := status(m, "switch-good"); now.PID == victim || now.Restarts != 1 || now.LastError != "the process ended: signal: killed" {
		t.Fatalf("%+v", now)
	}
}

func awaitFile(t testing.TB, path string) {
	t.Helper()
	appeared := eventually(func() bool {
		_, err := os.Stat(path)
		return err == nil
	})
	if !appeared {
		t.Fatalf("%s does not appear", path)
	}
}

func TestConcurrentCallsDuringRelaunches(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-good")
	m := start(t, drivers.Config{Dir: dir})
	ctx, enough := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 8 {
		s := openGood(t, m, t.TempDir())
		wg.Go(func() {
			for ctx.Err() == nil {
				_, err := s.Read(t.Context(), []string{"p"})
				// A second death within one call is the caller's to see, and to repeat.
				if err != nil && !sdk.IsRetryable(err) {
					t.Error(err)
				}
			}
		})
	}
	for range 5 {
		pid := await(t, m, "switch-good", "running", running).PID
		must(t, syscall.Kill(pid, syscall.SIGKILL))
		await(t, m, "switch-good", "another process", func(s drivers.Status) bool { return running(s) && s.PID != pid })
	}
	enough()
	wg.Wait()
}

func TestACrashLoopOpensTheBreaker(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-crasher")
	timing := hasty
	timing.Breaker, timing.Slow, timing.Quick = 3, time.Hour, time.Hour
	m := start(t, drivers.Config{Dir: dir, Timing: timing})
	s := await(t, m, "switch-crasher", "broken", func(s drivers.Status) bool { return s.State == drivers.Broken })
	if s.Restarts != 2 || len(s.Types) != 1 {
		t.Errorf("%+v", s)
	}
	_, err := m.Switch(s.Types[0])
	wantCode(t, err, sdk.Unavailable)
	if !sdk.IsRetryable(err) {
		t.Error("not worth a retry")
	}
	play(t, dir, "switch-crasher")
	await(t, m, "switch-crasher", "tried again at once when replaced", func(s drivers.Status) bool { return s.Restarts > 2 })
}

func TestAHangingProcessIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-good")
	timing := hasty
	timing.Ping = 500 * time.Millisecond
	m := start(t, drivers.Config{Dir: dir, Timing: timing})
	pid := status(m, "switch-good").PID
	must(t, syscall.Kill(pid, syscall.SIGSTOP))
	await(t, m, "switch-good", "another process", func(s drivers.Status) bool { return running(s) && s.PID != pid })
}

func TestAReplacedFileIsSwappedWithoutLosingACall(t *testing.T) {
	t.Parallel()
	dir, device := t.TempDir(), t.TempDir()
	play(t, dir, "switch-good")
	m := start(t, drivers.Config{Dir: dir})
	s := openGood(t, m, device)
	old := status(m, "switch-good").PID
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Save(t.Context()); err != nil {
			t.Error(err)
		}
	})
	awaitFile(t, filepath.Join(device, fmt.Sprint(old)))
	play(t, dir, "switch-good")
	await(t, m, "switch-good", "the new process", func(s drivers.Status) bool { return running(s) && s.PID != old })
	ports, err := openGood(t, m, t.TempDir()).Read(t.Context(), []string{"p"})
	if err != nil || ports[0].Native == old {
		t.Errorf("%+v, %v", ports, err)
	}
	if !alive(old) {
		t.Error("the old process was not let finish")
	}
	must(t, os.WriteFile(filepath.Join(device, "go on"), nil, 0o600))
	wg.Wait()
	awaitDeath(t, old)
	if _, err := os.Stat(filepath.Join(device, fmt.Sprint(status(m, "switch-good").PID))); !errors.Is(err, os.ErrNotExist) {
		t.Error("the call was repeated on the new process")
	}
}

func TestABadReplacementLeavesTheOldOneRunning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-good")
	m := start(t, drivers.Config{Dir: dir})
	old := status(m, "switch-good").PID
	put(t, dir, "switch-good", []byte("no program at all"))
	await(t, m, "switch-good", "complaining", func(s drivers.Status) bool { return s.LastError != "" })
	if s := status(m, "switch-good"); s.PID != old || s.State != drivers.Running {
		t.Fatalf("%+v", s)
	}
}

func TestTheMockCrashesInMidBatchAndIsRelaunched(t *testing.T) {
	t.Parallel()
	dir, state := t.TempDir(), t.TempDir()
	install(t, dir, "switch-mock")
	m := start(t, drivers.Config{Dir: dir, Sections: map[string]map[string]string{
		"switch-mock": {"state_dir": state, "crash": "0.3", "seed": "7"},
	}})
	d, err := m.Switch(mockSwitch)
	must(t, err)
	s, err := d.Open(t.Context(), sdk.Target{Settings: sdk.Settings(`{"hostname":"h","username":"u","password":"p"}`)})
	must(t, err)
	for vlan := 1; status(m, "switch-mock").Restarts < 3; vlan++ {
		want := []netswitch.PortState{{Port: "gi1/0/1", Native: vlan, Up: true}, {Port: "gi1/0/2", Native: vlan, Up: true}}
		for _, err = s.Apply(t.Context(), want); err != nil; _, err = s.Apply(t.Context(), want) {
			if !sdk.IsRetryable(err) {
				t.Fatal(err)
			}
		}
		got, err := s.Read(t.Context(), []string{"gi1/0/1", "gi1/0/2"})
		if err != nil || !got[0].Equal(want[0]) || !got[1].Equal(want[1]) {
			t.Fatalf("%+v, %v", got, err)
		}
	}
}
