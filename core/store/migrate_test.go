package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		ctx := t.Context()
		s := storetest.OpenURI(t, uri)
		for _, step := range []struct {
			name string
			do   func() error
		}{
			{"up", func() error { return s.Migrate(ctx) }},
			{"up again", func() error { return s.Migrate(ctx) }},
			{"use", func() error { return s.CreateProject(ctx, "p1") }},
			{"down", func() error { return s.Rollback(ctx) }},
			{"up after down", func() error { return s.Migrate(ctx) }},
			{"use the same again", func() error { return s.CreateProject(ctx, "p1") }},
			{"up keeps data", func() error { return s.Migrate(ctx) }},
		} {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		}
		if labels := get(s.ProjectLabels(ctx, "", 0))(t); len(labels) != 1 {
			t.Errorf("projects are %v", labels)
		}
	})
}

// TestTheFileIsPrivate: there are passwords of controllers in it.
func TestTheFileIsPrivate(t *testing.T) {
	t.Parallel()
	uri := storetest.URI(t, storetest.SQLite)
	s := storetest.OpenURI(t, uri)
	must(t, s.Migrate(t.Context()))
	must(t, s.CreateProject(t.Context(), "p1"))
	files := get(filepath.Glob(strings.TrimPrefix(uri, "sqlite:///") + "*"))(t)
	if len(files) < 3 {
		t.Errorf("the files are %v; there should be a log of changes", files)
	}
	for _, file := range files {
		if mode := get(os.Stat(file))(t).Mode(); mode.Perm()&0o077 != 0 {
			t.Errorf("%s is for others, too: %v", filepath.Base(file), mode)
		}
	}
}

// TestMigrationKilledBeforeItsMark: the tables are there, and nothing says so.
func TestMigrationKilledBeforeItsMark(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		s := storetest.OpenURI(t, uri)
		must(t, s.Migrate(t.Context()))
		must(t, s.CreateProject(t.Context(), "p1"))
		get(raw(t, uri).Exec("DELETE FROM bun_migrations"))(t)
		must(t, s.Migrate(t.Context()))
		if labels := get(s.ProjectLabels(t.Context(), "", 0))(t); len(labels) != 1 {
			t.Errorf("projects are %v", labels)
		}
	})
}

func TestRollbackLeavesNothing(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		s := storetest.OpenURI(t, uri)
		must(t, s.Migrate(t.Context()))
		must(t, s.Rollback(t.Context()))
		rows := get(raw(t, uri).Query(tablesOf(uri)))(t)
		defer rows.Close()
		for rows.Next() {
			var table string
			must(t, rows.Scan(&table))
			if !strings.HasPrefix(table, "bun_") && !strings.HasPrefix(table, "sqlite_") {
				t.Errorf("table %s is left", table)
			}
		}
		must(t, rows.Err())
	})
}

func tablesOf(uri string) string {
	if strings.HasPrefix(uri, "sqlite") {
		return "SELECT name FROM sqlite_master WHERE type = 'table'"
	}
	return "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
}

func TestMigrateEightAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		var servers [8]*store.Store
		for i := range servers {
			servers[i] = storetest.OpenURI(t, uri)
		}
		for i, err := range atOnce(func(i int) error { return servers[i].Migrate(t.Context()) }) {
			if err != nil {
				t.Errorf("server %d: %v", i, err)
			}
		}
		must(t, servers[0].CreateProject(t.Context(), "p1"))
	})
}

func TestMigrateRefusesNewerDatabase(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		s := storetest.OpenURI(t, uri)
		must(t, s.Migrate(t.Context()))
		execute(t, uri, "INSERT INTO bun_migrations (name, group_id) VALUES ('29991231235959', 99)")
		err := s.Migrate(t.Context())
		wantKind(t, err, core.IllegalState)
		if !strings.Contains(err.Error(), "29991231235959") {
			t.Errorf("the error does not name the migration: %v", err)
		}
	})
}

func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		s := storetest.OpenURI(t, uri)
		must(t, s.Migrate(t.Context()))
		must(t, s.CreateProject(t.Context(), "p1"))
		must(t, s.Close())
		makeReadOnly(t, uri)
		s = storetest.OpenURI(t, uri)
		if labels := get(s.ProjectLabels(t.Context(), "", 0))(t); len(labels) != 1 {
			t.Errorf("projects are %v", labels)
		}
		wantKind(t, s.CreateProject(t.Context(), "p2"), core.Unavailable)
	})
}

// makeReadOnly works for root too, whom permissions do not stop.
func makeReadOnly(t *testing.T, uri string) {
	t.Helper()
	path, ok := strings.CutPrefix(uri, "sqlite:///")
	if !ok {
		name := uri[strings.LastIndexByte(uri, '/')+1 : strings.IndexByte(uri, '?')]
		execute(t, uri, "ALTER DATABASE "+name+" SET default_transaction_read_only = on")
		return
	}
	f := get(os.OpenFile(path, os.O_RDWR, 0))(t)
	// Byte 18 is the version of the format needed to write the file. Nobody knows version 3 yet.
	get(f.WriteAt([]byte{3}, 18))(t)
	must(t, f.Close())
}

func TestMigrateInFolderThatIsMissing(t *testing.T) {
	t.Parallel()
	s := storetest.OpenURI(t, "sqlite:///"+filepath.Join(t.TempDir(), "missing", "haas.db"))
	wantKind(t, s.Migrate(t.Context()), core.Unavailable)
}

// raw is the database of a URI without the store.
func raw(t *testing.T, uri string) *sql.DB {
	t.Helper()
	driver, source := "pgx", uri
	if path, ok := strings.CutPrefix(uri, "sqlite:///"); ok {
		driver, source = "sqlite", path
	}
	db := get(sql.Open(driver, source))(t)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

func execute(t *testing.T, uri, statement string) {
	t.Helper()
	get(raw(t, uri).Exec(statement))(t)
}
