package headnodes_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// TestDeleteWhileLibvirtdIsDown leaves nothing once libvirtd is back, neither of the machine that went on running nor of its disk.
func TestDeleteWhileLibvirtdIsDown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	machine := s.headnode(t, "h1")
	must(t, s.host.Kill())
	s.ann.OK(t, "DELETE", "/v0/headnode/h1", "")
	if got := s.ann.Do(t, "DELETE", "/v0/network/net-h1", ""); got.Status != http.StatusConflict || !strings.Contains(got.Body, machine) {
		t.Errorf("deleting its network: %d %s", got.Status, got.Body)
	}
	if got := s.root.OK(t, "GET", "/v0/headnode_debts", "").Body; !strings.Contains(got, machine) {
		t.Errorf("the debts are %s", got)
	}
	if left := s.host.Emulators(t); len(left) != 1 {
		t.Errorf("while libvirtd is down there are emulators %v", left)
	}
	must(t, s.host.Restart(t.Context()))
	servertest.Eventually(t, "nothing is owed", func() (bool, any) {
		debts := s.root.OK(t, "GET", "/v0/headnode_debts", "").Body
		return strings.TrimSpace(debts) == "[]", debts
	})
	s.isGone(t, machine)
	s.ann.OK(t, "DELETE", "/v0/network/net-h1", "")
}
