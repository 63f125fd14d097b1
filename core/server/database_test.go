package server_test

import (
	"database/sql"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// unavailable is the answer while the database is gone or read-only.
var unavailable = refusal{503, "UnavailableError"}

// TestDatabaseGone shows that a server without its database says so, and recovers by itself.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	r, uri, _ := relayed(t, "unused")
	s := newHouse(t, uri, nil).scene(t)
	s.reserved("n1~")
	s.network("w1~")
	release := s.hold()
	id := s.ann.pending(connect, `{"network": "w1~"}`)

	s.whileAsked(func() { r.set(true) })
	s.root.fails(unavailable, "GET", "/nodes/free", "")
	s.root.fails(unavailable, "PUT", "/project/p3~", "")
	s.ann.fails(unavailable, "POST", "/project/p1~/detach_node", `{"node": "n1~"}`)
	s.nobody.fails(unavailable, "GET", "/readyz", "")
	s.nobody.ok("GET", "/healthz", "")
	release()

	r.set(false)
	s.nobody.ok("GET", "/readyz", "")
	s.root.fails(notFound, "GET", "/project/p3~/nodes", "")
	s.ann.settled(id)
	s.on(`{"vlan/native": "w1~"}`)
}

// whileAsked runs fn while others make requests, none of which may end in a failure of the server's own.
func (s *scene) whileAsked(fn func()) {
	stop := make(chan struct{})
	var askers sync.WaitGroup
	for range crowd {
		askers.Go(func() {
			for {
				for _, c := range []call{{"GET", "/node/n1~", ""}, {"PUT", "/node/n1~/metadata/note", `{"value": 1}`}} {
					if got := s.root.do(c.method, c.path, c.body); got.Status != 200 && got.Status != 503 {
						s.t.Errorf("%s %s while the database goes: %d %s", c.method, c.path, got.Status, got.Body)
					}
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	fn()
	close(stop)
	askers.Wait()
}

// TestDatabaseReadOnly shows that a server whose database turns read-only goes on reading and refuses to write.
func TestDatabaseReadOnly(t *testing.T) {
	t.Parallel()
	uri := storetest.URI(t, storetest.Postgres)
	s := newHouse(t, uri, nil).scene(t)
	s.node("n1~")
	db := openSQL(t, "pgx", uri)
	setReadOnly := func(value string) {
		statement(t, db, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = "+value+"', current_database()); END $$")
		statement(t, db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	}
	setReadOnly("on")
	servertest.Eventually(t, "the server notices", func() (bool, any) {
		got := s.root.do("PUT", "/project/p3~", "")
		return strings.Contains(got.Body, "read-only"), got.Body
	})
	unavailable.check(t, "PUT /project", s.root.do("PUT", "/project/p3~", ""))
	s.ann.fails(unavailable, "POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
	s.ann.ok("GET", "/node/n1~", "")
	statement(t, db, "SET default_transaction_read_only = off")
	setReadOnly("off")
	servertest.Eventually(t, "the server recovers", func() (bool, any) {
		got := s.root.do("PUT", "/project/p3~", "")
		return got.Status == 200, got.Body
	})
}

// TestReadOnlyFile shows the same of an SQLite file that cannot be written.
func TestReadOnlyFile(t *testing.T) {
	t.Parallel()
	site, path := migratedSite(t)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The "write version" in SQLite's header; one that is not known makes the file read-only, for root as well.
	if _, err := f.WriteAt([]byte{9}, 18); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	root := site.Start(t).As("root", "roots-password")
	root.OK(t, "GET", "/nodes/free", "")
	got := root.Do(t, "PUT", "/project/p1", "")
	unavailable.check(t, "PUT /project/p1", got)
	if !strings.Contains(got.Body, "read-only") {
		t.Errorf("does not say what is wrong: %s", got.Body)
	}
}

// TestNewerDatabase shows that a server does not touch a database that a newer program has changed.
func TestNewerDatabase(t *testing.T) {
	t.Parallel()
	site, path := migratedSite(t)
	db := openSQL(t, "sqlite", path)
	statement(t, db, "INSERT INTO bun_migrations (name, group_id, migrated_at) VALUES ('29991231000000', 99, '2999-12-31')")
	if err := site.StartInVain(t); core.KindOf(err) != core.IllegalState || !strings.Contains(err.Error(), "newer") {
		t.Errorf("the server ended with %v", err)
	}
}

// migratedSite is a site whose database, a file of SQLite, is there.
func migratedSite(t *testing.T) (site *servertest.Site, path string) {
	t.Helper()
	uri := storetest.URI(t, storetest.SQLite)
	site = servertest.NewSite(t, uri, nil)
	site.CreateAdmin(t, "root", "roots-password")
	return site, strings.TrimPrefix(uri, "sqlite:///")
}

func openSQL(t *testing.T, driver, source string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() }) // everything was written before
	return db
}

func statement(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}
