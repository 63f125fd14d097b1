// These tests are inside the package for the reason that main_test.go gives.
package lab

import (
	"net"
	"testing"
	"time"
)

func TestBeaconComesBack(t *testing.T) {
	t.Parallel()
	want := beacon{lab: "lab1", machine: "n1", owner: "nobody (n1)"}
	got, err := parseBeacon(want.frame(net.HardwareAddr{2, 0, 0, 0, 0, 1}))
	if err != nil || got != want {
		t.Errorf("got %v, %v", got, err)
	}
}

func FuzzParseBeacon(f *testing.F) {
	f.Add(beacon{"lab", "n1", "physics"}.frame(make(net.HardwareAddr, 6)))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		b, err := parseBeacon(frame)
		if err != nil {
			return
		}
		if again, err := parseBeacon(b.frame(make(net.HardwareAddr, 6))); err != nil || again != b {
			t.Errorf("%v became %v, %v", b, again, err)
		}
	})
}

func TestAFrameIsJudgedByItsMoment(t *testing.T) {
	t.Parallel()
	start := time.Unix(100, 0)
	h := history{{"nobody", start}, {"physics", start.Add(time.Second)}, {"biology", start.Add(2 * time.Second)}}
	for after, want := range map[time.Duration]string{
		-time.Second: "nobody", 0: "nobody", time.Second: "physics", 1999 * time.Millisecond: "physics", time.Hour: "biology",
	} {
		if got := h.at(start.Add(after)); got != want {
			t.Errorf("after %v: %s, not %s", after, got, want)
		}
	}
}
