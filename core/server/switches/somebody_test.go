package switches_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// typed is what an administrator types at the serial console, in configuration mode.
func (s *scene) typed(t *testing.T, lines ...string) {
	t.Helper()
	noError(t, s.sw.Type(append([]string{"configure terminal"}, lines...)...))
}

// timeless is a configuration without the time at which it was shown.
func timeless(config string) string {
	return regexp.MustCompile(`(?m)^!Time:.*$`).ReplaceAllString(config, "")
}

// meddler is somebody who types after commands of the server's.
type meddler struct {
	mu    sync.Mutex
	after func(consoletest.Typed) bool // guarded by mu
	left  int                          // guarded by mu: how often more
}

// meddles has somebody type a number of times.
func (m *meddler) meddles(times int, after func(consoletest.Typed) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left, m.after = times, after
}

// due reports whether somebody types now.
func (m *meddler) due(cmd consoletest.Typed) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if cmd.Session == 0 || m.left == 0 || !m.after(cmd) {
		return false
	}
	m.left--
	return true
}

func isReading(cmd consoletest.Typed) bool { return anyRead.MatchString(cmd.Line) }

func isChange(cmd consoletest.Typed) bool {
	return strings.HasPrefix(cmd.Mode, "config-if") && !isReading(cmd)
}

// bySomebodyElse is what is typed between the server's reading of a port and its change, and between two changes. The port comes to
// what the database says; somebody who does so every time ends the action in ERROR.
func bySomebodyElse(t *testing.T, s *site) {
	t.Helper()
	const foreign = 150
	for name, lines := range map[string][]string{
		"and gives the port another VLAN": {"switchport trunk allowed vlan add 150"},
		"and takes all VLANs off":         {"switchport trunk allowed vlan none"},
		"and makes it an access port":     {"switchport access vlan 150", "switchport mode access"},
		"and shuts the port":              {"shutdown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) {
				sc := s.stage(t, f, scenery{prepare: func(d *device) {
					noError(t, d.Type(append([]string{"configure terminal"}, f.create(foreign)...)...))
				}})
				sc.sw.law.grant(f.port(ownPort), s.vlans["w1"], s.vlans["w2"], foreign)
				var somebody meddler
				sc.sw.OnCommand(func(cmd consoletest.Typed) {
					if somebody.due(cmd) {
						sc.typed(t, append(f.enter(ownPort), lines...)...)
					}
				})
				for _, w := range sc.more() {
					somebody.meddles(1000, isChange)
					sc.fails(t, w, "running configuration (shows|does not show)")
					somebody.meddles(0, nil)
					sc.settles(t)
					somebody.meddles(1, isReading)
					sc.comesAbout(t, w)
					somebody.meddles(1, isChange)
					sc.comesAbout(t, opposite(w))
					sc.comesAbout(t, w)
				}
			})
		})
	}
}

// opposite is the wish that undoes w.
func opposite(w wish) wish {
	w.verb = map[string]string{"connect_network": "detach_network", "detach_network": "connect_network"}[w.verb]
	return w
}

// TestAnOldConfiguration is what the switch has after a reboot: the port carries what its node had before it was given to
// another project. The check brings it back, without anybody asking for anything.
func TestAnOldConfiguration(t *testing.T) {
	t.Parallel()
	s := newSite(t, map[string]string{"check_interval": "300ms"})
	onEach(t, func(t *testing.T, f family) {
		sc := s.stage(t, f, scenery{more: `, "save": false`, unsaved: true})
		port := f.port(ownPort)
		sc.sw.save(t)
		settled(t, detach(t, s.root, sc.node, "w1"))
		s.root.OK(t, "POST", "/project/p1/detach_node", fmt.Sprintf(`{"node": %q}`, sc.node))
		sc.give(t, sc.node, "p2", ownPort, "w3")
		sc.sw.law.grant(port, s.vlans["w3"], s.vlans["w1"]) // what the reboot brings back is not the server's doing
		sc.sw.Reboot()
		if c := sc.sw.Carried(port); !c.Equal(consoletest.Carried{Native: s.vlans["w1"]}) {
			t.Fatalf("the reboot brought back %+v", c)
		}
		sc.arrives(t)
		sc.sw.law.grant(port, s.vlans["w3"])
	})
}

// save saves the switch as somebody at the console does.
func (d *device) save(t *testing.T) {
	t.Helper()
	noError(t, d.Type("copy running-config startup-config"))
}
