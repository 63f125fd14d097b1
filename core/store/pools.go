package store

import "github.com/uptrace/bun"

// pools are the connections to the database. PostgreSQL has one pool for everything. SQLite takes one writer at a time
// and lets the others sleep and try again, longer each time; with one connection for writing they queue for it
// instead, and go on as soon as it is free.
type pools struct{ reading, writing *bun.DB }

// outside runs each statement on its own, outside any transaction, on the pool it belongs to.
type outside struct {
	*bun.DB
	writing *bun.DB
}

var _ bun.IDB = outside{}

// NewInsert begins an insert on the connection for writing.
func (o outside) NewInsert() *bun.InsertQuery { return o.writing.NewInsert() }

// NewUpdate begins an update on the connection for writing.
func (o outside) NewUpdate() *bun.UpdateQuery { return o.writing.NewUpdate() }

// NewDelete begins a delete on the connection for writing.
func (o outside) NewDelete() *bun.DeleteQuery { return o.writing.NewDelete() }
