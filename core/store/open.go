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
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	db.SetMaxOpenConns(4 * runtime.GOMAXPROCS(0))
	db.SetMaxIdleConns(4 * runtime.GOMAXPROCS(0))
	b := bun.NewDB(db, sqlitedialect.New())
	return &Store{Queries: Queries{db: b, now: time.Now}, bun: b, lock: fileLock{path + ".migrating"}}, nil
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
	db.SetMaxOpenConns(poolSize)
	db.SetMaxIdleConns(poolSize)
	b := bun.NewDB(db, pgdialect.New())
	return &Store{Queries: Queries{db: b, now: time.Now, postgres: true}, bun: b, lock: advisoryLock{db}}, nil
}

// WithHook makes every statement pass by the hook; tests count statements with it.
func (s *Store) WithHook(hook bun.QueryHook) *Store {
	db := s.bun.WithQueryHook(hook)
	return &Store{Queries: Queries{db: db, now: s.now, postgres: s.postgres}, bun: db, lock: s.lock}
}

// WithClock is the store with another clock.
func (s *Store) WithClock(now func() time.Time) *Store {
	return &Store{Queries: Queries{db: s.bun, now: now, postgres: s.postgres}, bun: s.bun, lock: s.lock}
}

// background is for the release of locks, which must happen whatever became of the caller's context.
func background() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), connectTimeout)
}
