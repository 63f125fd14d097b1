package headnodes_test

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestFaults starts headnodes where that cannot work. The answer says why and what to do, nothing is left, and the headnode can
// be changed as before.
func TestFaults(t *testing.T) {
	t.Parallel()
	h := newIdleHost(t)
	h.fillPool(t, "full")
	h.define(t, "base-running")
	h.MustVirsh(t, "start", "base-running")
	s := h.serve(t, map[string]string{"base_imgs": strings.Join([]string{image, "base-running", "base-none"}, ", ")})
	if got := s.ann.Do(t, "PUT", "/v0/headnode/h1", `{"project": "p1", "base_img": "none"}`); got.Status != http.StatusBadRequest ||
		!strings.Contains(got.Body, image) {
		t.Errorf("an image that is not offered: %d %s", got.Status, got.Body)
	}
	s.startsInVain(t, "gone", "base-none", http.StatusBadRequest, `there is no \"base-none\"`, "there are: "+image)
	s.startsInVain(t, "busy", "base-running", http.StatusBadGateway, "base-running", "shut it down")
	for name, c := range map[string]struct {
		changes map[string]string
		words   []string
	}{
		"a pool that is full":     {map[string]string{"pool": "full"}, []string{"storage pool full", "is full"}},
		"a bridge that is not":    {map[string]string{"bridge": "br-none"}, []string{"bridge", "no link", "br-none"}},
		"a trunk NIC that is not": {map[string]string{"network": "bridges", "bridge": "", "trunk_nic": "haas-none"}, []string{"trunk_nic", "haas-none"}},
	} {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // each has a server, whose drivers would all start at once.
			h.serve(t, c.changes).startsInVain(t, "h1", image, http.StatusBadGateway, c.words...)
			if _, err := net.InterfaceByName("br-vlan100"); err == nil {
				t.Error("a bridge is left")
			}
			h.isEmpty(t)
		})
	}
	must(t, h.Kill())
	s.startsInVain(t, "dark", image, http.StatusServiceUnavailable, "libvirtd", h.Dir())
	must(t, h.Restart(t.Context()))
	s.ann.OK(t, "POST", "/v0/headnode/dark/start", "")
	s.ann.OK(t, "DELETE", "/v0/headnode/dark", "")
	s.owesNothing(t)
	h.isEmpty(t)
}

// startsInVain makes a headnode of an image, which must not start, for a reason, and after which its NICs may change.
func (s *site) startsInVain(t *testing.T, name, image string, status int, words ...string) {
	t.Helper()
	s.unstarted(t, name, image)
	path := "/v0/headnode/" + name
	got := s.ann.Do(t, "POST", path+"/start", "")
	if got.Status != status {
		t.Errorf("%s: %d, want %d: %s", name, got.Status, status, got.Body)
	}
	for _, w := range words {
		if !strings.Contains(got.Body, w) {
			t.Errorf("%s: %s does not say %q", name, got.Body, w)
		}
	}
	s.ann.OK(t, "POST", path+"/hnic/eth0/detach_network", "")
	s.ann.OK(t, "PUT", path+"/hnic/eth1", "")
}

// fillPool adds a pool with room for an image and nothing else.
func (h *idleHost) fillPool(t *testing.T, name string) {
	t.Helper()
	dir := h.AddPool(t, name)
	h.Inside(t, "mount", "-t", "tmpfs", "-o", "size=256k", name, dir)
	h.Inside(t, "qemu-img", "create", "-q", "-f", "qcow2", filepath.Join(dir, "disk.qcow2"), "64M")
}
