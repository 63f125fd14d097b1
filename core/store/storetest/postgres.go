package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// The templates that databases are made from.
const (
	empty    = "template0"
	migrated = "migrated"
)

// shared is the cluster of this test binary.
var shared lazyCluster //nolint:gochecknoglobals // tests of one binary share what is slow to start.

// lazyCluster starts a cluster when the first test asks for it.
type lazyCluster struct {
	once sync.Once
	c    *cluster
	err  error
	// made counts the databases made in the cluster.
	made atomic.Int64
}

func (l *lazyCluster) get() (*cluster, error) {
	l.once.Do(func() {
		if l.c, l.err = startCluster(); l.err == nil {
			l.err = l.c.makeTemplate()
		}
	})
	return l.c, l.err
}

// stopCluster stops the cluster, if one was started, and lets none be started afterwards.
func stopCluster() {
	shared.once.Do(func() { shared.err = errNoPostgres })
	if shared.c != nil {
		shared.c.stop()
	}
}

// makeTemplate makes a migrated database: copying it is faster than migrating.
func (c *cluster) makeTemplate() error {
	if err := c.exec("CREATE DATABASE " + migrated); err != nil {
		return err
	}
	return migrate(c.uri(migrated))
}

// createPostgres makes a database from a template and drops it when the test has ended.
func createPostgres(t testing.TB, template string) string {
	t.Helper()
	c := requireCluster(t)
	name := fmt.Sprintf("test_%d", shared.made.Add(1))
	if err := c.exec("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return c.uri(name)
}

// requireCluster skips the test where PostgreSQL is not installed; a build server has no excuse.
func requireCluster(t testing.TB) *cluster {
	t.Helper()
	c, err := shared.get()
	switch {
	case err == nil:
		return c
	case errors.Is(err, errNoPostgres) && os.Getenv("CI") == "":
		t.Skip("PostgreSQL is not installed; run .ci/setup to install what the tests need")
	}
	t.Fatal("start PostgreSQL (.ci/setup installs it): ", err)
	return nil
}

// exec runs one statement as the cluster's superuser.
func (c *cluster) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.uri("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
