// Package proto_test watches that the generated code is that of the .proto files.
package proto_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// absent is the exit code of generate.sh when a tool is not installed.
const absent = 77

func TestGeneratedCodeIsFresh(t *testing.T) {
	t.Parallel()
	readAll(t, "haas/sdk/v1/*.proto")
	readAll(t, "../internal/pb/*.go")
	said, err := exec.CommandContext(t.Context(), "./generate.sh", "check").CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == absent {
		t.Skipf("%s", said)
	}
	if err != nil {
		t.Errorf("%v; run make generate\n%s", err, said)
	}
}

// readAll reads what the script compares, so that go test does not answer from its cache after a change.
func readAll(t *testing.T, pattern string) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
	}
	for _, path := range paths {
		if _, err := os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
}
