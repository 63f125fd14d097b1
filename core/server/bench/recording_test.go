package bench_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core/api"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/service"
)

// recorder keeps the statements that pass by on their way to a database.
type recorder struct {
	db         *bun.DB
	statements []string
}

// BeforeQuery changes nothing.
func (r *recorder) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

// AfterQuery keeps the statement.
func (r *recorder) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	r.db, r.statements = e.DB, append(r.statements, e.Query)
}

// studio is the API on a site's database, without a network, whose statements are recorded.
type studio struct {
	recorder
	handler http.Handler
}

func newStudio(s *site) *studio {
	var st studio
	recorded := s.WithHook(&st.recorder)
	log := hclog.NewNullLogger()
	idle := drivers.New(drivers.Config{Log: log})
	st.handler = api.New(api.Config{
		Service: service.New(service.Config{
			Store: recorded, Drivers: idle, Wake: func() {}, Notify: func() {}, Consoles: console.New(console.Config{Store: recorded, Log: log}),
			Pool: config.VLANSet{}, Log: log, Accounts: true,
		}),
		Auth: auth.NewDatabase(recorded, true), Drivers: idle, Log: log, Version: "bench",
	})
	return &st
}

// recording is a request's answer and the statements behind it.
type recording struct {
	statements []string
	body       string
}

func (st *studio) record(b *testing.B, method, path, body string) recording {
	b.Helper()
	st.statements = nil
	r := httptest.NewRequestWithContext(b.Context(), method, path, strings.NewReader(body))
	r.SetBasicAuth(admin, password)
	w := httptest.NewRecorder()
	st.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return recording{st.statements, w.Body.String()}
}

// executor is a database, or a transaction in it.
type executor interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// replay runs the statements as they were recorded: those from a BEGIN to a COMMIT in one transaction.
func (r recording) replay(ctx context.Context, db *sql.DB) error {
	var on executor = db
	var tx *sql.Tx
	var err error
	for _, statement := range r.statements {
		switch {
		case statement == "BEGIN":
			tx, err = db.BeginTx(ctx, nil)
			on = tx
		case statement == "COMMIT":
			err = tx.Commit()
			on = db
		case strings.HasPrefix(statement, "SELECT"):
			err = readAll(ctx, on, statement)
		default:
			_, err = on.ExecContext(ctx, statement)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readAll reads every column of every row.
func readAll(ctx context.Context, on executor, query string) error {
	rows, err := on.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			return err
		}
	}
	return rows.Err()
}
