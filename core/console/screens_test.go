package console_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
)

// openScreen opens a screen of a headnode; the far end is what the host has.
func openScreen(ctx context.Context, t *testing.T, s *console.Screens, headnode int64, allowed func(context.Context) error) (v *console.Screen, far net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	v, err := s.Open(ctx, headnode, allowed, func(context.Context) (io.ReadWriteCloser, error) { return near, nil })
	must(t, err)
	return v, far
}

func everybody(context.Context) error { return nil }

// isShut waits until the host's end of a screen has been let go.
func isShut(t *testing.T, far net.Conn) {
	t.Helper()
	if n, err := far.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("the host reads %d bytes, %v", n, err)
	}
}

func TestScreensEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(s *console.Screens, v *console.Screen, leave func()){
		"closed by the viewer":  func(_ *console.Screens, v *console.Screen, _ func()) { _ = v.Close() },
		"left by the viewer":    func(_ *console.Screens, _ *console.Screen, leave func()) { leave() },
		"the headnode's end":    func(s *console.Screens, _ *console.Screen, _ func()) { s.End(7) },
		"the end of the server": func(s *console.Screens, _ *console.Screen, _ func()) { s.Shutdown() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := console.NewScreens()
			defer s.Shutdown()
			ctx, leave := context.WithCancel(t.Context())
			v, far := openScreen(ctx, t, s, 7, everybody)
			other, others := openScreen(t.Context(), t, s, 8, everybody)
			end(s, v, leave)
			isShut(t, far)
			must(t, v.Close())
			if name == "the end of the server" {
				isShut(t, others)
				return
			}
			go func() { _, _ = others.Write([]byte("x")) }()
			if _, err := io.ReadFull(other, make([]byte, 1)); err != nil {
				t.Errorf("that of another headnode: %v", err)
			}
		})
	}
}

// TestScreensAreForThoseWhoMaySeeThem looks at the permission again and again.
func TestScreensAreForThoseWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := console.NewScreens()
		defer s.Shutdown()
		var looks atomic.Int64
		_, far := openScreen(t.Context(), t, s, 7, func(context.Context) error {
			if looks.Add(1) == 3 {
				return core.Errorf(core.Unauthorized, "not any more")
			}
			return nil
		})
		isShut(t, far)
		if n := looks.Load(); n != 3 {
			t.Errorf("it was shut after %d looks", n)
		}
	})
}

// TestScreensOutliveAShortSilence of the database, which knows who may see them, but no long one.
func TestScreensOutliveAShortSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := console.NewScreens()
		defer s.Shutdown()
		began := time.Now()
		_, far := openScreen(t.Context(), t, s, 7, func(context.Context) error {
			if d := time.Since(began); d > 20*time.Second && d < 30*time.Second {
				return nil
			}
			return errors.New("the database does not answer")
		})
		isShut(t, far)
		if d := time.Since(began); d < 50*time.Second || d > time.Minute {
			t.Errorf("it was shut after %v", d)
		}
	})
}

func TestNoScreensAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := console.NewScreens()
	s.Shutdown()
	near, far := net.Pipe()
	_, err := s.Open(t.Context(), 7, everybody, func(context.Context) (io.ReadWriteCloser, error) { return near, nil })
	if err == nil {
		t.Error("a screen is opened")
	}
	isShut(t, far)
}
