package headnodes_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
)

// TestSeveralHosts has headnodes on this machine and on another, which is reached over SSH, and whose libvirtd goes down and
// comes back.
func TestSeveralHosts(t *testing.T) {
	t.Parallel()
	_, near := newHost(t, guest.Image{})
	_, far := newHost(t, guest.Image{})
	uri, key := far.SSHURI(t)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "key"), []byte(key), 0o600))
	s := serve(t, map[string]string{
		"hosts":   fmt.Sprintf("%s %dMiB, %s %dMiB", near.URI(), 2*memory+1, uri, 2*memory+2),
		"ssh_key": filepath.Join(dir, "key"), "known_hosts": filepath.Join(dir, "known_hosts"),
	})
	s.wantHosts(t, "ok 0/257", "ok 0/258")
	distant := s.headnode(t, "h1")
	s.wantHosts(t, "ok 0/257", "ok 128/258")
	local := s.headnode(t, "h2")
	s.wantHosts(t, "ok 128/257", "ok 128/258")
	for name, host := range map[string]string{"h1": uri, "h2": near.URI()} {
		if got := s.root.OK(t, "GET", "/v0/headnode/"+name, "").JSON(t)["host"]; got != host {
			t.Errorf("%s is on %v, want %s", name, got, host)
		}
		if _, tells := s.shown(t, name)["host"]; tells {
			t.Error("a tenant is told the host of", name)
		}
	}
	s.seenFromAfar(t, "h1", distant)

	must(t, far.Kill())
	s.ann.OK(t, "DELETE", "/v0/headnode/h1", "")
	s.wantHosts(t, "ok 128/257", "unreachable <nil>/<nil>")
	s.headnode(t, "h3")
	s.wantHosts(t, "ok 256/257", "unreachable <nil>/<nil>")
	s.ann.OK(t, "PUT", "/v0/headnode/h4", fmt.Sprintf(`{"project": "p1", "base_img": %q}`, image))
	if got := s.ann.Do(t, "POST", "/v0/headnode/h4/start", ""); got.Status != http.StatusServiceUnavailable {
		t.Errorf("a start where there is no room: %d %s", got.Status, got.Body)
	}
	must(t, far.Restart(t.Context()))
	servertest.Eventually(t, "nothing is owed", func() (bool, any) {
		debts := s.root.OK(t, "GET", "/v0/headnode_debts", "").Body
		return strings.TrimSpace(debts) == "[]", debts
	})
	isGoneFrom(t, far, distant)
	s.ann.OK(t, "POST", "/v0/headnode/h4/start", "")
	s.wantHosts(t, "ok 256/257", "ok 128/258")
	for _, name := range []string{"h2", "h3", "h4"} {
		s.ann.OK(t, "DELETE", "/v0/headnode/"+name, "")
	}
	isGoneFrom(t, near, local)
	isGoneFrom(t, far, "headnode-")
}

// wantHosts wants the hosts to be in such states, with so much of their memory used.
func (s *site) wantHosts(t *testing.T, want ...string) {
	t.Helper()
	var hosts []map[string]any
	must(t, json.Unmarshal([]byte(s.root.OK(t, "GET", "/v0/headnode_hosts", "").Body), &hosts))
	var got []string
	for _, h := range hosts {
		got = append(got, fmt.Sprint(h["state"], " ", h["used"], "/", h["capacity"]))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the hosts are %q, want %q", got, want)
	}
}

// seenFromAfar is the console and the screen of a headnode whose host is another machine.
func (s *site) seenFromAfar(t *testing.T, name, machine string) {
	t.Helper()
	console, screen := s.dial(t, "ann", "/v0/headnode/"+name+"/console/ws"), s.dial(t, "ann", "/v0/headnode/"+name+"/vnc")
	must(t, console.Write(t.Context(), websocket.MessageBinary, []byte("\r")))
	hears(t, console, "guest# ")
	must(t, screen.Write(t.Context(), websocket.MessageBinary, []byte("RFB 003.008\n\x01\x01")))
	hears(t, screen, "QEMU ("+machine+")")
}
