// The tests of this file are of the package, for what a history promises is easier to say of it than of a console.
package console

import (
	"bytes"
	"strings"
	"testing"
)

func FuzzLastLines(f *testing.F) {
	f.Add([]byte("one\ntwo\n\nthree"), 2)
	f.Add([]byte("\n\n"), 1)
	f.Add([]byte(""), 0)
	f.Add([]byte("login: "), -1)
	f.Fuzz(func(t *testing.T, text []byte, n int) {
		n = max(-1, n%1000)
		i, enough := lastLines(text, n)
		if i < 0 || i > len(text) {
			t.Fatalf("index %d of %d", i, len(text))
		}
		lines := strings.SplitAfter(string(text), "\n")
		if lines[len(lines)-1] == "" {
			lines = lines[:len(lines)-1]
		}
		if n >= 0 {
			lines = lines[max(0, len(lines)-n):]
		}
		if want := strings.Join(lines, ""); string(text[i:]) != want {
			t.Errorf("the last %d lines of %q are %q, want %q", n, text, text[i:], want)
		}
		if !enough && i != 0 {
			t.Error("there are not enough, and not all are taken")
		}
	})
}

func FuzzPosition(f *testing.F) {
	for _, text := range []string{"id.5", "id", "id.", ".5", "id.-1", "id.99999999999999999999", "other.1", "id.5.6", "id.+5"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := &line{id: "id", out: history{buf: []byte("0123456789"), start: 100}}
		v := &Viewer{line: l, id: "id"}
		if at, ok := v.position(text); ok && (at < 0 || at > 110) {
			t.Errorf("%q is position %d", text, at)
		}
		v.begin(Want{Resume: text, Tail: All})
		if v.at > l.out.end() || v.at < 0 {
			t.Errorf("%q begins at %d", text, v.at)
		}
	})
}

// TestLogPositions reads every range of a log back, over its two files and from before to behind it.
func TestLogPositions(t *testing.T) {
	t.Parallel()
	log, err := openLog(t.TempDir(), "x", 40)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.close() }()
	log.place(1000)
	var all []byte
	for i := range 9 {
		piece := bytes.Repeat([]byte{byte('a' + i)}, 7)
		all = append(all, piece...)
		if err := log.append(piece); err != nil {
			t.Fatal(err)
		}
	}
	if log.end != 1063 || log.start <= 1000 || log.size() > 40 || log.middle == log.start {
		t.Fatalf("from %d over %d to %d", log.start, log.middle, log.end)
	}
	for from := log.start; from <= log.end; from++ {
		for to := from; to <= log.end; to++ {
			if got, want := log.read(from, to), all[from-1000:to-1000]; !bytes.Equal(got, want) {
				t.Fatalf("from %d to %d: %q, want %q", from, to, got, want)
			}
		}
	}
}
