package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/CCI-MOC/haas/core/store"
)

func sqliteURI(path string) string { return "sqlite:///" + path }

// sqliteTemplate is the content of a migrated file: copying it is faster than migrating.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) { //nolint:gochecknoglobals // never changes once made.
	dir, err := os.MkdirTemp("", "haas-sqlite-")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "haas.db")
	content, err := readMigrated(path)
	return content, errors.Join(err, os.RemoveAll(dir))
})

func readMigrated(path string) ([]byte, error) {
	if err := migrate(sqliteURI(path)); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func migrate(uri string) error {
	s, err := store.Open(uri)
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(context.Background()), s.Close())
}
