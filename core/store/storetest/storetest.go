// Package storetest gives tests databases of their own: an SQLite file in a temporary folder, and a database in a
// PostgreSQL cluster that is started once per test binary and never outlives it. It is not for programs.
package storetest

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/core/store"
)

// The kinds of databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Main runs the tests of a package that uses PostgreSQL, stops the cluster, and fails if goroutines are left. It ends
// the program.
func Main(m goleak.TestingM) {
	goleak.VerifyTestMain(stopping{m})
}

// stopping stops the cluster when the tests have run.
type stopping struct{ m goleak.TestingM }

// Run runs the tests.
func (s stopping) Run() int {
	code := s.m.Run()
	stopCluster()
	return code
}

// Each runs a test on both databases, each time with a fresh, migrated one.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	eachKind(t, func(t *testing.T, kind string) { test(t, Open(t, kind)) })
}

// EachURI runs a test on both databases, each time with the URI of a fresh, empty one.
func EachURI(t *testing.T, test func(t *testing.T, uri string)) {
	t.Helper()
	eachKind(t, func(t *testing.T, kind string) { test(t, URI(t, kind)) })
}

func eachKind(t *testing.T, test func(t *testing.T, kind string)) {
	t.Helper()
	for _, kind := range []string{SQLite, Postgres} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

// Open opens a fresh, migrated database, which is closed when the test ends.
func Open(t testing.TB, kind string) *store.Store {
	t.Helper()
	if kind == Postgres {
		return OpenURI(t, createPostgres(t, migrated))
	}
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatal("migrate the SQLite template: ", err)
	}
	path := filepath.Join(t.TempDir(), "haas.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return OpenURI(t, sqliteURI(path))
}

// OpenURI opens a database as it is, and closes it when the test ends.
func OpenURI(t testing.TB, uri string) *store.Store {
	t.Helper()
	s, err := store.Open(uri)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("close the database: ", err)
		}
	})
	return s
}

// URI is where a fresh, empty database is; it is gone when the test has ended.
func URI(t testing.TB, kind string) string {
	t.Helper()
	if kind == Postgres {
		return createPostgres(t, empty)
	}
	return sqliteURI(filepath.Join(t.TempDir(), "haas.db"))
}
