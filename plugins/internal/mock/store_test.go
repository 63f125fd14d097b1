package mock_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
)

type thing struct{ N int }

func TestAnyNameIsSafe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := mock.OpenStore(dir, "switch")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"../../etc/passwd", "a/b", "..", "a\x00b", strings.Repeat("long/", 200), "Ünï", "a b"} {
		state := thing{}
		if err := store.Update(name, &state, func() error { state.N = i + 1; return nil }); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if filepath.Dir(store.Path(name)) != dir {
			t.Errorf("%q leaves the folder: %s", name, store.Path(name))
		}
		var again thing
		if err := store.Load(name, &again); err != nil || again.N != i+1 {
			t.Errorf("%q: %+v, %v", name, again, err)
		}
	}
}

func TestAFailedChangeIsNotWritten(t *testing.T) {
	t.Parallel()
	store, err := mock.OpenStore(t.TempDir(), "obm")
	if err != nil {
		t.Fatal(err)
	}
	var state thing
	err = store.Update("x", &state, func() error { state.N = 1; return os.ErrInvalid })
	if !errors.Is(err, os.ErrInvalid) {
		t.Fatal(err)
	}
	if _, err := os.Stat(store.Path("x")); !os.IsNotExist(err) {
		t.Fatal("the file is there")
	}
}

func TestABrokenFileIsAnError(t *testing.T) {
	t.Parallel()
	store, err := mock.OpenStore(t.TempDir(), "obm")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(store.Path("x"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Load("x", &thing{}); err == nil || !strings.Contains(err.Error(), "obm-x.json") {
		t.Fatal(err)
	}
}

func TestDefaultFolderMustBePrivate(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	if _, err := mock.OpenStore("", "switch"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(cache, "haas-mock"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := mock.OpenStore("", "switch"); err == nil {
		t.Fatal("a folder that others may read was taken")
	}
}
