package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the "sqlite" driver of database/sql
)

// connectTimeout bounds one attempt to reach PostgreSQL: longer means it is gone.
const connectTimeout = 5 * time.Second

// poolSize is how many connections one server keeps to PostgreSQL.
const poolSize = 20

// Open opens the database of a URI, "sqlite:///relative.db", "sqlite:////absolute.db" or "postgresql://…". It does not
// reach for the database yet. No error text contains the URI, which may carry a password.
func Open(uri string) (*Store, error) {
	scheme, rest, ok := strings.Cut(uri, "://")
	if !ok {
		return nil, fmt.Errorf("open database: the URI has no scheme; write sqlite:///FILE or postgresql://USER@HOST/NAME")
	}
	switch base, _, _ := strings.Cut(scheme, "+"); base {
	case "sqlite":
		return openSQLite(strings.TrimPrefix(rest, "/"))
	case "postgresql", "postgres":
		return openPostgres("postgresql://" + rest)
	default:
		return nil, fmt.Errorf("open database: scheme %q is neither sqlite nor postgresql", scheme)
	}
}

func openSQLite(path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	options := url.Values{
		"_pragma": {"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(NORMAL)", "foreign_keys(1)"},
		// A transaction that reads first and writes later would fail half way; taking the write lock at once waits instead.
		"_txlock": {"immediate"},
	}
	uri := (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String()
	reading, err := sql.Open("sqlite", uri)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	writing, err := sql.Open("sqlite", uri)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	keep(reading, 4*runtime.GOMAXPROCS(0))
	keep(writing, 1)
	p := pools{reading: bun.NewDB(reading, sqlitedialect.New()), writing: bun.NewDB(writing, sqlitedialect.New())}
	return newStore(p, time.Now, false, fileLock{path}), nil
}

// keep opens a number of connections at most, and closes none of them for being idle.
func keep(db *sql.DB, connections int) {
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
}

func openPostgres(uri string) (*Store, error) {
	cfg, err := pgx.ParseConfig(uri)
	if err != nil {
		return nil, fmt.Errorf("open database: the postgresql URI cannot be read; write postgresql://USER:PASSWORD@HOST:PORT/NAME")
	}
	// bun writes the arguments into the statement, so a cache of prepared statements would never hit.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.ConnectTimeout = connectTimeout
	db := stdlib.OpenDB(*cfg)
	keep(db, poolSize)
	b := bun.NewDB(db, pgdialect.New())
	return newStore(pools{reading: b, writing: b}, time.Now, true, advisoryLock{db}), nil
}

func newStore(p pools, now func() time.Time, postgres bool, lock migrationLock) *Store {
	return &Store{Queries: Queries{db: outside{p.reading, p.writing}, now: now, postgres: postgres}, pools: p, lock: lock}
}

// WithHook makes every statement pass by the hook; tests count statements with it.
func (s *Store) WithHook(hook bun.QueryHook) *Store {
	p := pools{reading: s.reading.WithQueryHook(hook), writing: s.writing.WithQueryHook(hook)}
	return newStore(p, s.now, s.postgres, s.lock)
}

// WithClock is the store with another clock.
func (s *Store) WithClock(now func() time.Time) *Store {
	return newStore(s.pools, now, s.postgres, s.lock)
}

// background is for the release of locks, which must happen whatever became of the caller's context.
func background() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), connectTimeout)
}
