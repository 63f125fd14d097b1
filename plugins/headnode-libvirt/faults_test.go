// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// kill ends the emulator of the host's only machine that runs.
func (h *host) kill(t testing.TB) {
	t.Helper()
	pids := h.Emulators(t)
	if len(pids) != 1 {
		t.Fatalf("%d machines run", len(pids))
	}
	pid, err := strconv.Atoi(pids[0])
	must(t, err)
	must(t, syscall.Kill(pid, syscall.SIGKILL))
}

// TestFaults breaks a host of its own.
func TestFaults(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	t.Run("libvirtd dies and comes back", func(t *testing.T) { diesAndComesBack(t, h) })
	t.Run("libvirtd freezes", func(t *testing.T) { freezes(t, h) })
}

// diesAndComesBack kills libvirtd under a session, a console and a machine, and once the machine too.
func diesAndComesBack(t *testing.T, h *host) {
	s, spec := h.open(t, nil), spec(file, 104)
	must(t, s.Create(t.Context(), spec))
	must(t, s.Start(t.Context(), spec.ID))
	console, err := s.Console(t.Context(), spec.ID)
	must(t, err)

	must(t, h.Kill())
	_, err = s.State(t.Context(), spec.ID)
	wantCode(t, err, sdk.Unavailable)
	if !sdk.IsRetryable(err) || s.Alive() {
		t.Errorf("a lost session is alive, or not worth another try: %v", err)
	}
	_, err = io.ReadAll(console)
	wantCode(t, err, sdk.Unavailable)
	must(t, console.Close())

	must(t, h.Restart(t.Context()))
	s = h.open(t, nil)
	state, err := s.State(t.Context(), spec.ID)
	must(t, err)
	if !state.Running || state.VNCPort == 0 {
		t.Errorf("after the restart: %+v", state)
	}
	must(t, s.Create(t.Context(), spec))
	again, err := s.Console(t.Context(), spec.ID)
	must(t, err)
	must(t, again.Close())

	must(t, h.Kill())
	h.kill(t)
	must(t, h.Restart(t.Context()))
	s = h.open(t, nil)
	eventually(t, func() error {
		state, err = s.State(t.Context(), spec.ID)
		if err == nil && state.Running {
			return &sdk.Error{Code: sdk.Busy, Text: "libvirtd has not noticed yet", Retryable: true}
		}
		return err
	})
	must(t, s.Start(t.Context(), spec.ID))
	must(t, s.Delete(t.Context(), spec.ID))
	h.wantGone(t, spec.ID)
}

// freezes wants calls to end with their contexts, and what was cut off to be taken up again.
func freezes(t *testing.T, h *host) {
	s, spec := h.open(t, nil), spec(file, 104)
	must(t, h.Freeze())
	for name, call := range map[string]func(context.Context) error{
		"State":  func(ctx context.Context) error { _, err := s.State(ctx, spec.ID); return err },
		"Images": func(ctx context.Context) error { _, err := s.Images(ctx); return err },
		"Create": func(ctx context.Context) error { return s.Create(ctx, spec) },
		"Delete": func(ctx context.Context) error { return s.Delete(ctx, spec.ID) },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := call(ctx)
		cancel()
		if sdk.CodeOf(err) != sdk.Timeout || !sdk.IsRetryable(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, h.Thaw())
	eventually(t, func() error { return h.open(t, nil).Create(t.Context(), spec) })
	must(t, s.Delete(t.Context(), spec.ID))
	h.wantGone(t, spec.ID)
}

// deletesParts removes parts of machines behind the driver's back, and then the whole pool.
func deletesParts(t *testing.T, h *host) {
	const pool = "parts"
	dir := h.AddPool(t, pool)
	h.AddDisk(t, filepath.Join(dir, file), "64M")
	s := h.open(t, map[string]any{"pool": pool})
	for _, part := range []struct {
		name  string
		spoil func(t *testing.T, id string)
	}{
		{"the disk", func(t *testing.T, id string) { h.MustVirsh(t, "vol-delete", "--pool", pool, id+".vda"+diskSuffix) }},
		{"the file", func(t *testing.T, id string) { must(t, os.Remove(filepath.Join(dir, id+".vda"+diskSuffix))) }},
		{"the machine", func(t *testing.T, id string) { h.MustVirsh(t, "undefine", id) }},
		{"nothing but the pool's work", func(t *testing.T, _ string) { h.MustVirsh(t, "pool-destroy", pool) }},
	} {
		t.Run(part.name, func(t *testing.T) {
			spec := spec(file, 104)
			must(t, s.Create(t.Context(), spec))
			part.spoil(t, spec.ID)
			must(t, s.Delete(t.Context(), spec.ID))
			h.wantGone(t, spec.ID)
		})
	}
	t.Run("the pool", func(t *testing.T) {
		spec := spec(file, 104)
		must(t, s.Create(t.Context(), spec))
		h.MustVirsh(t, "pool-destroy", pool)
		h.MustVirsh(t, "pool-undefine", pool)
		must(t, s.Delete(t.Context(), spec.ID))
		_, err := s.State(t.Context(), spec.ID)
		wantCode(t, err, sdk.NotFound)
		must(t, os.Remove(filepath.Join(dir, spec.ID+".vda"+diskSuffix))) // nobody knows it any more
	})
}

// halfGone has a Delete that was cut off followed by a Create.
func halfGone(t *testing.T, h *host) {
	s, spec := h.open(t, nil), spec(file, 104)
	must(t, s.Create(t.Context(), spec))
	h.MustVirsh(t, "vol-delete", "--pool", defaultPool, spec.ID+".vda"+diskSuffix)
	spec.NICs = []headnode.NIC{{Label: "eth7", VLAN: 105}}
	must(t, s.Create(t.Context(), spec))
	must(t, h.disk(spec.ID))
	must(t, s.Plug(t.Context(), spec.ID, headnode.NIC{Label: "eth7", VLAN: 106}))
	must(t, s.Delete(t.Context(), spec.ID))
	h.wantGone(t, spec.ID)
}
