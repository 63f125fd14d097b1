package headnodes_test

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/headnode-libvirt/libvirttest"
)

// killer kills a driver at a packet of its conversation with libvirtd, once it is told which.
type killer struct {
	mu    sync.Mutex // guards what follows
	at    libvirttest.Packet
	armed bool
}

// passes stops the packet and its driver.
func (k *killer) passes(p libvirttest.Packet) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.armed || p.Procedure != k.at.Procedure || p.Answer != k.at.Answer {
		return true
	}
	k.armed = syscall.Kill(p.Driver, syscall.SIGKILL) != nil
	return false
}

// during makes a request, and wants the driver to be killed meanwhile, and nobody to notice.
func (k *killer) during(t *testing.T, s *site, method, path string, at libvirttest.Packet) {
	t.Helper()
	k.mu.Lock()
	k.at, k.armed = at, true
	k.mu.Unlock()
	if got := s.ann.Do(t, method, path, ""); got.Status/100 != 2 {
		t.Errorf("%s %s: %d %s", method, path, got.Status, got.Body)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.armed {
		t.Errorf("%s %s: the driver was not killed", method, path)
	}
	k.armed = false
}

// TestKilledDriver kills the driver before and after each change that it makes on the host for a headnode's start, stop and
// deletion. The server starts it again and repeats what was cut off, so that its users notice nothing.
func TestKilledDriver(t *testing.T) {
	t.Parallel()
	h, k := newIdleHost(t), &killer{}
	s := h.serve(t, map[string]string{"libvirt_endpoint": libvirttest.NewRelay(t, h.Host, k.passes).URI()})
	for when, answer := range map[string]bool{"before": false, "after": true} {
		for i, c := range []struct{ start, end uint32 }{
			{libvirttest.StorageVolCreateXML, libvirttest.DomainDestroy},
			{libvirttest.DomainDefineXML, libvirttest.StorageVolDelete},
			{libvirttest.DomainCreate, libvirttest.DomainUndefineFlags},
		} {
			name := fmt.Sprint(when, i)
			path := "/v0/headnode/" + name
			s.unstarted(t, name)
			k.during(t, s, "POST", path+"/start", libvirttest.Packet{Procedure: c.start, Answer: answer})
			s.isOn(t, s.machine(t, name), "running")
			if c.start == libvirttest.DomainCreate {
				k.during(t, s, "POST", path+"/stop", libvirttest.Packet{Procedure: libvirttest.DomainDestroy, Answer: answer})
				s.isOn(t, s.machine(t, name), "shut off")
			}
			k.during(t, s, "DELETE", path, libvirttest.Packet{Procedure: c.end, Answer: answer})
			s.owesNothing(t)
			h.isEmpty(t)
		}
	}
}

// unstarted makes a headnode on a network of its own.
func (s *site) unstarted(t *testing.T, name string) {
	t.Helper()
	s.ann.OK(t, "PUT", "/v0/network/net-"+name, `{"owner": "p1", "access": ["p1"], "net_id": ""}`)
	s.ann.OK(t, "PUT", "/v0/headnode/"+name, fmt.Sprintf(`{"project": "p1", "base_img": %q}`, image))
	s.ann.OK(t, "PUT", "/v0/headnode/"+name+"/hnic/eth0", "")
	s.ann.OK(t, "POST", "/v0/headnode/"+name+"/hnic/eth0/connect_network", fmt.Sprintf(`{"network": "net-%s"}`, name))
}

// machine is the name of a headnode's machine on its host.
func (s *site) machine(t *testing.T, name string) string {
	t.Helper()
	return fmt.Sprint("headnode-", s.shown(t, name)["uuid"])
}

// owesNothing waits until the server owes no machine's removal.
func (s *site) owesNothing(t *testing.T) {
	t.Helper()
	servertest.Eventually(t, "nothing is owed", func() (bool, any) {
		debts := s.root.OK(t, "GET", "/v0/headnode_debts", "").Body
		return strings.TrimSpace(debts) == "[]", debts
	})
}
