package switches_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// law is which VLANs each port of a switch may carry. It is held against the switch after every command that takes
// effect on it, whoever typed it.
type law struct {
	t      *testing.T
	device *device

	mu      sync.Mutex
	allowed map[string][]int // guarded by mu
	broken  bool             // guarded by mu; one report is enough
}

// newLaw lets every port be on VLAN 1, as it came from the factory.
func newLaw(t *testing.T, d *device) *law {
	t.Helper()
	l := &law{t: t, device: d, allowed: map[string][]int{}}
	for _, port := range d.Ports() {
		l.allowed[port] = []int{1}
	}
	return l
}

// grant lets a port carry just these VLANs from now on.
func (l *law) grant(port string, vlans ...int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.allowed[port] = vlans
}

// judge is called with each command that has taken effect.
func (l *law) judge(cmd consoletest.Typed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for port, allowed := range l.allowed {
		if l.broken {
			return
		}
		c := l.device.Configured(port)
		for _, vlan := range append(slices.Clone(c.Tagged), c.Native) {
			if vlan != 0 && !slices.Contains(allowed, vlan) {
				l.broken = true
				l.t.Errorf("after %q, %s of %s lets VLAN %d through, and may only %v", cmd.Line, port, l.device.label, vlan, allowed)
			}
		}
	}
}
