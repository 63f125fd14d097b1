package openapi_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/api"
	"github.com/CCI-MOC/haas/core/drivers"
)

var update = flag.Bool("update", false, "write the documents instead of comparing them")

// patience is how long the drivers may take to start on a busy machine.
const patience = time.Minute

// TestDocuments compares the committed documents with what a server with all drivers of this repository answers.
func TestDocuments(t *testing.T) {
	t.Parallel()
	documents, err := api.Documents(ownDrivers(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, running := range documents {
		if *update {
			write(t, name, running)
			continue
		}
		committed, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(committed, running) {
			t.Errorf("openapi/%s is not what the server answers; run `make generate` and commit the result", name)
		}
	}
}

func write(t testing.TB, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o644); err != nil { //nolint:gosec // a committed file, for everybody to read
		t.Fatal(err)
	}
}

// ownDrivers builds the drivers of this repository and starts them, until the test ends.
func ownDrivers(t testing.TB) *drivers.Manager {
	t.Helper()
	dir, folders := t.TempDir(), folders(t)
	build := exec.CommandContext(t.Context(), "go", append([]string{"build", "-o", dir + "/"}, folders...)...)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the drivers: %v\n%s", err, out)
	}
	m := drivers.New(drivers.Config{Dir: dir, Log: hclog.NewNullLogger()})
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := m.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	limit, done := context.WithTimeout(ctx, patience)
	defer done()
	if err := m.Ready(limit); err != nil {
		t.Fatal(err)
	}
	if n := len(m.List()); n != len(folders) {
		t.Fatalf("%d drivers were found, want %q", n, folders)
	}
	for _, d := range m.List() {
		if d.State != drivers.Running {
			t.Fatalf("driver %s is %s: %s", d.Name, d.State, d.LastError)
		}
	}
	return m
}

// folders are those of the drivers: every one whose name is of the form <kind>-<vendor>.
func folders(t testing.TB) []string {
	t.Helper()
	found, err := filepath.Glob("../plugins/*-*")
	if err != nil || len(found) == 0 {
		t.Fatalf("look for drivers: %q, %v", found, err)
	}
	return found
}
