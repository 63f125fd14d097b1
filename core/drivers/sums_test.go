// The format of SHA256SUMS is seen from outside only through whole drivers, which is too slow for a fuzzer.

package drivers

import (
	"strings"
	"testing"
)

func TestParseSums(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("0", 64)
	sums, err := parseSums([]byte("# ours\n\n" + zeros + "  switch-a\r\n" + strings.ToUpper(zeros[:62]+"AB") + " *./obm-b\n"))
	if err != nil || sums["switch-a"] != zeros || sums["obm-b"] != zeros[:62]+"ab" {
		t.Fatal(sums, err)
	}
	for _, bad := range []string{zeros, zeros + " ", zeros + "  ", zeros + " name", "00  x", "zz" + zeros[2:] + "  x"} {
		if _, err := parseSums([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func FuzzParseSums(f *testing.F) {
	f.Add([]byte(strings.Repeat("0", 64) + "  switch-a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		sums, err := parseSums(b)
		for name, sum := range sums {
			if err == nil && (name == "" || len(sum) != 64) {
				t.Fatalf("%q: %q", name, sum)
			}
		}
	})
}
