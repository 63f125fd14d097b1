package storetest_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEachGivesFreshMigratedDatabases(t *testing.T) {
	t.Parallel()
	for range 3 {
		storetest.Each(t, func(t *testing.T, s *store.Store) {
			if err := s.CreateProject(t.Context(), "p1"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestEachURIGivesEmptyDatabases(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		s := storetest.OpenURI(t, uri)
		if _, err := s.ProjectLabels(t.Context(), "", 0); err == nil {
			t.Error("the database has tables")
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
