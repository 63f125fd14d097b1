// A program cannot be imported, so its tests are inside.

package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// sshTarget is the host as seen from another machine, with some settings changed.
func (h *host) sshTarget(t testing.TB, changes map[string]any) sdk.Target {
	t.Helper()
	uri, key := h.SSHURI(t)
	all := map[string]any{"ssh_key": key, "known_hosts": filepath.Join(t.TempDir(), "known_hosts")}
	maps.Copy(all, changes)
	return target(t, uri, all)
}

// worksOverSSH is a driver on another machine, which nothing but the host's SSH can be reached from.
func worksOverSSH(t *testing.T, h *host) {
	target := h.sshTarget(t, nil)
	s, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), target)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	spec := spec(file, 104)
	must(t, s.Create(t.Context(), spec))
	must(t, s.Start(t.Context(), spec.ID))
	line, err := s.(*session).Console(t.Context(), spec.ID)
	must(t, err)
	must(t, line.Close())
	wantOwnScreen(t, s, spec.ID)
	must(t, s.Delete(t.Context(), spec.ID))
	h.wantGone(t, spec.ID)

	uri, _ := h.SSHURI(t)
	strange, err := stranger()
	must(t, err)
	for name, c := range map[string]struct {
		target sdk.Target
		code   sdk.Code
		text   string
	}{
		"with a key that opens nothing": {h.sshTarget(t, map[string]any{"ssh_key": strange}), sdk.Refused, "authorized_keys"},
		"to another host":               {h.sshTarget(t, map[string]any{"uri": uri, "known_hosts": mistaken(t, uri)}), sdk.Refused, "is not the one pinned"},
		"to no libvirtd":                {h.sshTarget(t, map[string]any{"uri": uri + "-not"}), sdk.Unavailable, "connect to libvirtd at"},
	} {
		_, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), c.target)
		if sdk.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// stranger is a key that no host knows.
func stranger() (string, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	return string(pem.EncodeToMemory(block)), err
}

// mistaken is a file in which the host that a URI leads to has the key of another.
func mistaken(t testing.TB, uri string) string {
	t.Helper()
	u, err := url.Parse(uri)
	must(t, err)
	public, _, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	key, err := ssh.NewPublicKey(public)
	must(t, err)
	path := filepath.Join(t.TempDir(), "known_hosts")
	must(t, os.WriteFile(path, []byte(knownhosts.Line([]string{u.Host}, key)+"\n"), 0o600))
	return path
}

// wantOwnScreen wants the machine's own screen, which has its name.
func wantOwnScreen(t testing.TB, s headnode.Session, id string) {
	t.Helper()
	screen, err := s.(headnode.Screener).Screen(t.Context(), id)
	must(t, err)
	_, err = screen.Write([]byte(rfbVersion + "\x01\x01")) // no security; share the screen
	must(t, err)
	guest.ReadUntil(t, screen, "QEMU ("+id+")")
	must(t, screen.Close())
}
