// A program cannot be imported, so its tests are inside.

package main

import (
	"net"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
)

func FuzzWellFormed(f *testing.F) {
	good := append([]byte{6, 0, 0xff, 7, 6, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0}, make([]byte, 32)...)
	f.Add(good)
	f.Add(good[:40])
	f.Fuzz(func(t *testing.T, b []byte) {
		if wellFormed(b) && len(b) < payloadAt {
			t.Error("a packet without a payload's length passes")
		}
	})
}

func TestWellFormed(t *testing.T) {
	t.Parallel()
	good := append([]byte{6, 0, 0xff, 7, 6, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0}, make([]byte, 32)...)
	with := func(at int, value byte) []byte {
		b := append([]byte{}, good...)
		b[at] = value
		return b
	}
	for name, b := range map[string][]byte{
		"empty": nil, "cut": good[:47], "not IPMI": with(3, 6), "IPMI 1.5": with(4, 0), "no message": with(14, 16), "half a block": with(14, 31),
	} {
		if wellFormed(b) {
			t.Errorf("%s: passes", name)
		}
	}
	if !wellFormed(good) || !wellFormed(with(5, 0)) || !wellFormed(append(good, 0xff)) {
		t.Error("a good packet does not pass")
	}
}

// TestGarbageIsSurvived answers every packet with what is none.
func TestGarbageIsSurvived(t *testing.T) {
	t.Parallel()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for b := make([]byte, 512); ; {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			for _, answer := range [][]byte{b[:n], b[:4], {6, 0, 0xff, 7, 6, 0x91}, make([]byte, 64)} {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	defer func() { _ = conn.Close(); <-done }()
	port := conn.LocalAddr().(*net.UDPAddr).Port
	_, err = newDriver(hclog.NewNullLogger()).Open(t.Context(), target(t, port, password, map[string]any{"timeout": "400ms"}))
	if code := sdk.CodeOf(err); err == nil || code == sdk.Denied {
		t.Errorf("%v: %v", code, err)
	}
}
