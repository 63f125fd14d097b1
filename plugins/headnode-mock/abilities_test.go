// A program cannot be imported, so its tests are inside.

package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// running is a session with a host on which h1 runs.
func running(t testing.TB) *session {
	t.Helper()
	s := open(t, map[string]string{"state_dir": t.TempDir(), "images": "a"}).(*session)
	must(t, s.Create(t.Context(), headnode.Spec{ID: "h1", Image: "a", NICs: []headnode.NIC{{Label: "eth0", VLAN: 104}}}))
	must(t, s.Start(t.Context(), "h1"))
	return s
}

func hear(t testing.TB, r io.Reader, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	must(t, err)
	return b
}

func say(t testing.TB, w io.Writer, b ...byte) {
	t.Helper()
	_, err := w.Write(b)
	must(t, err)
}

// TestAScreenShowsAColourAndAnotherWithAKey is a viewer (RFC 6143).
func TestAScreenShowsAColourAndAnotherWithAKey(t *testing.T) {
	t.Parallel()
	s := running(t)
	v, err := s.Screen(t.Context(), "h1")
	must(t, err)
	say(t, v, hear(t, v, 12)...) // the same version
	if kinds := hear(t, v, 2); !bytes.Equal(kinds, []byte{1, 1}) {
		t.Fatalf("kinds of security: %v", kinds)
	}
	say(t, v, 1)
	if result := hear(t, v, 4); binary.BigEndian.Uint32(result) != 0 {
		t.Fatalf("result %v", result)
	}
	say(t, v, 1)
	size := hear(t, v, 24)
	if w, h := binary.BigEndian.Uint16(size), binary.BigEndian.Uint16(size[2:]); w != width || h != height {
		t.Errorf("%d x %d", w, h)
	}
	hear(t, v, int(binary.BigEndian.Uint32(size[20:])))
	format := append([]byte{0, 0, 0, 0}, pixels[:]...)
	format[4] = 8 // bits
	say(t, v, format...)
	say(t, v, 2, 0, 0, 1, 0, 0, 0, 0)           // raw pixels
	say(t, v, 6, 0, 0, 0, 0, 0, 0, 2, 'h', 'i') // a text to paste
	say(t, v, 5, 0, 0, 1, 0, 1)                 // the pointer
	say(t, v, 3, 0, 0, 0, 0, 0, byte(width>>8), width&0xff, 0, height)
	before := hear(t, v, 16+width*height)
	say(t, v, 3, 1, 0, 0, 0, 0, byte(width>>8), width&0xff, 0, height)
	say(t, v, 4, 1, 0, 0, 0, 0, 0, 'a')
	after := hear(t, v, 16+width*height)
	if !bytes.Equal(before[:16], after[:16]) || bytes.Equal(before, after) {
		t.Error("a key has changed nothing, or more than the colour")
	}
	must(t, s.Stop(t.Context(), "h1"))
	if _, err := v.Write([]byte{0}); err == nil {
		t.Error("the screen goes on when the machine is off")
	}
}

func TestACardIsPluggedInElsewhere(t *testing.T) {
	t.Parallel()
	s := running(t)
	must(t, s.Plug(t.Context(), "h1", headnode.NIC{Label: "eth0", VLAN: 105}))
	m, err := s.look(t.Context(), "h1")
	must(t, err)
	if m.NICs[0].VLAN != 105 {
		t.Errorf("%+v", m.NICs)
	}
	wantCode(t, s.Plug(t.Context(), "h1", headnode.NIC{Label: "eth9", VLAN: 105}), sdk.NotFound)
	wantCode(t, s.Plug(t.Context(), "h1", headnode.NIC{Label: "eth0", VLAN: 4095}), sdk.Invalid)
}

// TestASeedIsShownWithoutItsUserData wants it to be that of the first who made the machine.
func TestASeedIsShownWithoutItsUserData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, map[string]string{"state_dir": dir, "images": "a"}).(*session)
	for _, name := range []string{"h1", "h2"} {
		seed := headnode.Seed{Hostname: name, SSHKeys: []string{"ssh-ed25519 AAAA"}, UserData: "#!/bin/secret"}
		must(t, s.CreateSeeded(t.Context(), headnode.Spec{ID: "h1", Image: "a"}, seed))
	}
	text, err := os.ReadFile(filepath.Join(dir, "headnode-default.json"))
	must(t, err)
	m, err := s.look(t.Context(), "h1")
	must(t, err)
	const sum = "f94e4f012a8185aa"
	if m.Seed == nil || m.Seed.Hostname != "h1" || len(m.Seed.SSHKeys) != 1 || !strings.HasPrefix(m.Seed.UserDataSHA256, sum) {
		t.Errorf("%+v", m.Seed)
	}
	if strings.Contains(string(text), "secret") {
		t.Errorf("the file has the user data: %s", text)
	}
	must(t, s.Create(t.Context(), headnode.Spec{ID: "h3", Image: "a"}))
	if m, err := s.look(t.Context(), "h3"); err != nil || m.Seed != nil {
		t.Errorf("without a seed: %+v, %v", m.Seed, err)
	}
}
