package console_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// patience is how long a test waits for what is about to happen.
const patience = 30 * time.Second

// site is a node with a serial port, and the servers that share it.
type site struct {
	*store.Store
	d *device
	n core.Node
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{Store: storetest.Open(t, storetest.SQLite), d: &device{}}
	must(t, s.CreateProject(t.Context(), "p1"))
	must(t, s.CreateProject(t.Context(), "p2"))
	s.n = core.Node{Label: "n1", ProjectID: 1, OBMSettings: "{}", OBMEnabled: true}
	must(t, s.CreateNode(t.Context(), &s.n))
	return s
}

// hub is a server's hub that nobody keeps alive.
func (s *site) hub(t *testing.T, change ...func(*console.Config)) *console.Hub {
	t.Helper()
	c := console.Config{Store: s.Store, Open: s.d.connect, Log: hclog.NewNullLogger(), Dir: t.TempDir(), LogSize: 64 << 10}
	for _, f := range change {
		f(&c)
	}
	h := console.New(c)
	t.Cleanup(h.Shutdown)
	return h
}

// running is a server's hub that looks around often.
func (s *site) running(t *testing.T, change ...func(*console.Config)) *console.Hub {
	t.Helper()
	h := s.hub(t, append(change, func(c *console.Config) { c.Beat = 10 * time.Millisecond })...)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = h.Run(ctx) }() // it gives nil
	t.Cleanup(func() { stop(); <-ended })
	return h
}

// console is the node and its console as they are now.
func (s *site) console(t *testing.T) (core.Node, core.Console) {
	t.Helper()
	n, c, err := s.NodeConsole(t.Context(), "n1")
	must(t, err)
	return n, c
}

// now is the node's console as it is now.
func (s *site) now(t *testing.T) core.Console {
	t.Helper()
	_, c := s.console(t)
	return c
}

func all(name string) console.Want { return console.Want{Name: name, Tail: console.All} }

// try views the node's console.
func (s *site) try(t *testing.T, h *console.Hub, w console.Want) (*console.Viewer, error) {
	t.Helper()
	n, c := s.console(t)
	return h.View(t.Context(), n, c, w)
}

func (s *site) view(t *testing.T, h *console.Hub, w console.Want) *console.Viewer {
	t.Helper()
	v, err := s.try(t, h, w)
	must(t, err)
	return v
}

// handOver gives the node to somebody else, or to nobody, as far as the database is concerned.
func (s *site) handOver(t *testing.T, to int64) error {
	t.Helper()
	return s.InTx(t.Context(), func(ctx context.Context, q store.Queries) error {
		n, err := q.LockNode(ctx, "n1")
		if err != nil {
			return err
		}
		if err := q.NextConsoleTerm(ctx, n.ID); err != nil {
			return err
		}
		return q.SetNodeProject(ctx, n.ID, n.ProjectID, to)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantRead fails the test unless the next bytes are want.
func wantRead(t *testing.T, v *console.Viewer, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(v, got); err != nil || string(got) != want {
		t.Errorf("read %q, %v, want %q", got, err, want)
	}
}

// wantEnd fails the test unless the viewer ends after nothing but rest, for the reason.
func wantEnd(t *testing.T, v *console.Viewer, rest string, reason console.End) {
	t.Helper()
	if got, err := io.ReadAll(v); err != nil || string(got) != rest {
		t.Errorf("read %q, %v to the end, want %q", got, err, rest)
	}
	if v.End() != reason {
		t.Errorf("ended for %+v, want %+v", v.End(), reason)
	}
}

// eventually waits until check is true.
func eventually(t *testing.T, what string, check func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !check() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
		<-time.After(time.Millisecond)
	}
}
