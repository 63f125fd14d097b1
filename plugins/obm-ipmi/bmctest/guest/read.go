package guest

import (
	"io"
	"strings"
	"testing"
)

// ReadUntil reads what a machine prints until the text has come, and no further; it gives all that came. Whoever may wait for
// ever bounds the reader.
func ReadUntil(t testing.TB, r io.Reader, want string) string {
	t.Helper()
	var seen strings.Builder
	b := make([]byte, 1)
	for !strings.HasSuffix(seen.String(), want) {
		n, err := r.Read(b)
		seen.Write(b[:n])
		if n == 0 && err != nil {
			t.Fatalf("%v before %q came; seen %q", err, want, seen.String())
		}
	}
	return seen.String()
}
