// Package store keeps the nouns of core in SQLite (the embedded default) or PostgreSQL. It knows rows, constraints
// and transactions, and no rule beyond what a constraint can say: rules are core/service's.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
)

// Store is an open database. Its Queries run outside any transaction, each on its own.
type Store struct {
	Queries
	pools
	lock migrationLock
}

// Queries are the statements the program knows, inside a transaction or outside.
type Queries struct {
	db  bun.IDB
	now func() time.Time
	// postgres: rows can be locked. In SQLite a writing transaction is alone anyway.
	postgres bool
}

// txAttempts bounds how often a transaction that lost against another one is begun again.
const txAttempts = 20

// InTx runs fn in a transaction: all of its writes, or none. A transaction that the database gave up in favour of
// another (deadlock, serialisation) is run again, so fn touches nothing but q and variables it sets afresh.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, q Queries) error) error {
	for attempt := 1; ; attempt++ {
		err := s.writing.RunInTx(ctx, &sql.TxOptions{}, func(ctx context.Context, tx bun.Tx) error {
			return fn(ctx, Queries{db: tx, now: s.now, postgres: s.postgres})
		})
		if err == nil || attempt == txAttempts || !lostToAnother(err) {
			return translate(err)
		}
	}
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return translate(s.reading.PingContext(ctx))
}

// Close closes the database.
func (s *Store) Close() error { return errors.Join(s.writing.Close(), s.reading.Close()) }

// millis is now, as times are stored.
func (q Queries) millis() int64 { return q.now().UTC().UnixMilli() }

// Now is the store's clock, in milliseconds since 1970.
func (q Queries) Now() int64 { return q.millis() }

// locked makes a select keep other transactions off its rows until the end of this one.
func (q Queries) locked(s *bun.SelectQuery) *bun.SelectQuery {
	if q.postgres {
		return s.For("UPDATE")
	}
	return s
}

// one scans a single row into dest, or into the model; a missing row is the error given.
func one(ctx context.Context, s *bun.SelectQuery, missing error, dest ...any) error {
	err := s.Scan(ctx, dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return translate(err)
}

// changed turns the result of a write that must touch a row into an error.
func changed(res sql.Result, err error, missing error) error {
	if err != nil {
		return translate(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("count changed rows: %w", err)
	}
	if n == 0 {
		return missing
	}
	return nil
}

func (q Queries) insert(ctx context.Context, row any) error {
	_, err := q.db.NewInsert().Model(row).Exec(ctx)
	return translate(err)
}

// remove deletes a row that was there a moment ago; of several that delete it, one succeeds.
func (q Queries) remove(ctx context.Context, model any, id int64, noun string) error {
	res, err := q.db.NewDelete().Model(model).Where("id = ?", id).Exec(ctx)
	return changed(res, err, core.Errorf(core.NotFound, "the %s has been deleted meanwhile", noun))
}

// labels runs a select of one column of labels and never returns nil.
func labels(ctx context.Context, s *bun.SelectQuery) ([]string, error) {
	found := []string{}
	err := s.Scan(ctx, &found)
	return found, translate(err)
}

// paged narrows a list of labels to those after one, a number of them at most.
func paged(s *bun.SelectQuery, after string, limit int) *bun.SelectQuery {
	if after != "" {
		s = s.Where("label > ?", after)
	}
	if limit > 0 {
		s = s.Limit(int64(limit))
	}
	return s
}
