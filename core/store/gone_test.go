package store_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestUnreachablePostgres(t *testing.T) {
	t.Parallel()
	for name, uri := range map[string]string{
		"closed port":    "postgresql://haas:hunter2@127.0.0.1:1/haas",
		"missing socket": "postgresql://haas:hunter2@/haas?host=" + t.TempDir(),
		"unknown host":   "postgresql://haas:hunter2@host.invalid/haas",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.OpenURI(t, uri)
			for call, err := range map[string]error{
				"ping":        s.Ping(t.Context()),
				"migrate":     s.Migrate(t.Context()),
				"statement":   s.CreateProject(t.Context(), "p1"),
				"transaction": s.InTx(t.Context(), func(context.Context, store.Queries) error { return nil }),
			} {
				if core.KindOf(err) != core.Unavailable {
					t.Errorf("%s: got %v, want Unavailable", call, err)
				}
				if err != nil && strings.Contains(err.Error(), "hunter2") {
					t.Errorf("%s: the password is in %q", call, err)
				}
			}
		})
	}
}

func TestMissingPostgresDatabase(t *testing.T) {
	t.Parallel()
	uri := storetest.URI(t, storetest.Postgres)
	s := storetest.OpenURI(t, strings.Replace(uri, "/test_", "/missing_", 1))
	wantKind(t, s.Ping(t.Context()), core.Unavailable)
}

// TestPostgresHangsUp loses every connection, idle or in a transaction, and wants the store to recover by itself.
func TestPostgresHangsUp(t *testing.T) {
	t.Parallel()
	uri := storetest.URI(t, storetest.Postgres)
	s := storetest.OpenURI(t, uri)
	ctx := t.Context()
	must(t, s.Migrate(ctx))
	hangUp := func() {
		execute(t, uri, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	}
	err := s.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		if err := q.CreateProject(ctx, "lost"); err != nil {
			return err
		}
		hangUp()
		return q.CreateProject(ctx, "lost too")
	})
	wantKind(t, err, core.Unavailable)

	err = s.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		if err := q.CreateProject(ctx, "lost"); err != nil {
			return err
		}
		hangUp()
		return nil
	})
	wantKind(t, err, core.Unavailable)

	must(t, s.Ping(ctx))
	hangUp()
	if err := s.CreateProject(ctx, "kept"); err != nil {
		wantKind(t, err, core.Unavailable)
		must(t, s.CreateProject(ctx, "kept"))
	}
	if labels := get(s.ProjectLabels(ctx, "", 0))(t); len(labels) != 1 {
		t.Errorf("projects are %v", labels)
	}
}

func TestSQLiteFileIsNoDatabase(t *testing.T) {
	t.Parallel()
	for name, uri := range map[string]string{
		"a folder":         "sqlite:///" + t.TempDir(),
		"a missing folder": "sqlite:///" + t.TempDir() + "/missing/haas.db",
	} {
		s := storetest.OpenURI(t, uri)
		if err := s.Ping(t.Context()); core.KindOf(err) != core.Unavailable {
			t.Errorf("%s: got %v, want Unavailable", name, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{"", "haas.db", "mysql://haas:hunter2@host/haas", "postgresql://haas:hunter2@host:port/haas"} {
		if _, err := store.Open(uri); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open(%q): %v", uri, err)
		}
	}
}

// TestPostgresVanishes cuts the line to PostgreSQL in the middle of transactions.
func TestPostgresVanishes(t *testing.T) {
	t.Parallel()
	direct := storetest.URI(t, storetest.Postgres)
	must(t, storetest.OpenURI(t, direct).Migrate(t.Context()))
	line, uri := newWire(t, direct)
	s := storetest.OpenURI(t, uri)
	for _, when := range []string{"before a statement", "before the commit"} {
		err := s.InTx(t.Context(), func(ctx context.Context, q store.Queries) error {
			if err := q.CreateProject(ctx, "p1"); err != nil {
				return err
			}
			line.cut()
			if when == "before a statement" {
				return q.CreateProject(ctx, "p2")
			}
			return nil
		})
		if core.KindOf(err) != core.Unavailable {
			t.Errorf("%s: got %v, want Unavailable", when, err)
		}
	}
	must(t, s.CreateProject(t.Context(), "p1"))
}

// wire is a TCP port that leads to a PostgreSQL socket, and can be cut.
type wire struct {
	mu    sync.Mutex
	conns []net.Conn // guarded by mu
}

func newWire(t *testing.T, uri string) (w *wire, through string) {
	t.Helper()
	u := get(url.Parse(uri))(t)
	query := u.Query()
	socket := query.Get("host") + "/.s.PGSQL.5432"
	listener := get(net.Listen("tcp", "127.0.0.1:0"))(t)
	w = &wire{}
	var work sync.WaitGroup
	work.Go(func() { w.serve(listener, socket, &work) })
	t.Cleanup(func() {
		must(t, listener.Close())
		w.cut()
		work.Wait()
	})
	query.Del("host")
	u.Host, u.RawQuery = listener.Addr().String(), query.Encode()
	return w, u.String()
}

func (w *wire) serve(listener net.Listener, socket string, work *sync.WaitGroup) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("unix", socket)
		if err != nil {
			_ = near.Close()
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, near, far)
		w.mu.Unlock()
		for from, to := range map[net.Conn]net.Conn{near: far, far: near} {
			work.Go(func() { _, _ = io.Copy(to, from) })
		}
	}
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}
