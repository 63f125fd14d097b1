// Internal: the clock of a log file is not part of the package's face.
package server

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTheLogBeginsAFileADay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 23, 59, 0, 0, time.Local)
	d := &dailyFile{dir: t.TempDir(), now: func() time.Time { return now }}
	if err := d.open(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := d.Write([]byte("line of " + now.Format(time.DateOnly) + "\n")); err != nil {
			t.Fatal(err)
		}
		now = now.Add(2 * time.Minute)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		logName + ".2026-11-20": "line of 2026-11-20\n",
		logName:                 "line of 2026-11-21\n",
	} {
		if got, err := os.ReadFile(filepath.Join(d.dir, name)); err != nil || string(got) != want {
			t.Errorf("%s says %q (%v), want %q", name, got, err, want)
		}
	}
}
