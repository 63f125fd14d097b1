package headnodes_test

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestFaults starts headnodes on a host that the configuration describes wrongly, or that has no room. The answer says what is
// wrong, nothing is left, and the headnode can be changed as before.
func TestFaults(t *testing.T) {
	t.Parallel()
	h := newIdleHost(t)
	h.fillPool(t, "full")
	for name, c := range map[string]struct {
		changes map[string]string
		words   []string
	}{
		"a pool that is full":     {map[string]string{"pool": "full"}, []string{"storage pool full", "is full"}},
		"a trunk NIC that is not": {map[string]string{"network": "bridges", "bridge": "", "trunk_nic": "haas-none"}, []string{"trunk_nic", "haas-none"}},
	} {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // each has a server, whose drivers would all start at once.
			before := links(t)
			h.serve(t, c.changes).startsInVain(t, c.words...)
			if after := links(t); after["br-vlan100"] && !before["br-vlan100"] {
				t.Error("a bridge is left")
			}
			h.isEmpty(t)
		})
	}
}

// links are the names of this machine's network interfaces.
func links(t *testing.T) map[string]bool {
	t.Helper()
	all, err := net.Interfaces()
	must(t, err)
	names := map[string]bool{}
	for _, l := range all {
		names[l.Name] = true
	}
	return names
}

// startsInVain makes a headnode that must not start, for a reason, and whose NICs may change afterwards.
func (s *site) startsInVain(t *testing.T, words ...string) {
	t.Helper()
	s.unstarted(t, "h1")
	got := s.ann.Do(t, "POST", "/v0/headnode/h1/start", "")
	if got.Status != http.StatusBadGateway {
		t.Errorf("starting is answered %d %s", got.Status, got.Body)
	}
	for _, w := range words {
		if !strings.Contains(got.Body, w) {
			t.Errorf("%s does not say %q", got.Body, w)
		}
	}
	s.ann.OK(t, "POST", "/v0/headnode/h1/hnic/eth0/detach_network", "")
	s.ann.OK(t, "PUT", "/v0/headnode/h1/hnic/eth1", "")
}

// fillPool adds a pool that has no room for a headnode's disk.
func (h *idleHost) fillPool(t *testing.T, name string) {
	t.Helper()
	dir := h.AddPool(t, name)
	h.Inside(t, "mount", "-t", "tmpfs", "-o", "size=256k", name, dir)
	h.Inside(t, "qemu-img", "create", "-q", "-f", "qcow2", filepath.Join(dir, "disk.qcow2"), "64M")
}
