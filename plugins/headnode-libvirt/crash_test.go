// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/CCI-MOC/haas/plugins/headnode-libvirt/libvirttest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// never is a trap that does not spring.
const never = 1 << 30

// trap stands between a driver and libvirtd, and calls spring in the place of one of the driver's calls.
type trap struct {
	*libvirttest.Relay

	mu     sync.Mutex // guards what follows
	after  int        // calls that pass before the one that springs the trap, or never
	spring func()
	passes bool // the call that springs the trap passes too, after what spring does
}

func newTrap(t testing.TB, h *host) *trap {
	t.Helper()
	p := &trap{after: never}
	p.Relay = libvirttest.NewRelay(t, h.Host, func(packet libvirttest.Packet) bool { return packet.Answer || !p.springs() })
	return p
}

// springs reports whether the trap springs at this call and holds it back. All calls before it have been answered: the driver
// makes one after the other.
func (p *trap) springs() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after--
	if p.after != -1 {
		return false
	}
	p.spring()
	return !p.passes
}

func (p *trap) set(after int, spring func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after, p.spring = after, spring
}

// sprung reports that the trap has sprung.
func (p *trap) sprung() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.after < 0
}

// launch starts the program as a server does, and gives a session through it, and a way to kill it.
func launch(t testing.TB, binary string, target sdk.Target) (s headnode.Session, kill func()) {
	t.Helper()
	cmd := exec.Command(binary)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  sdk.Handshake,
		VersionedPlugins: map[int]plugin.PluginSet{sdk.ProtocolVersion: {headnode.Kind: headnode.Plugin{}}},
		Cmd:              cmd, AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, AutoMTLS: true, SkipHostEnv: true,
		Logger: hclog.NewNullLogger(),
	})
	t.Cleanup(client.Kill)
	conn, err := client.Client()
	must(t, err)
	driver, err := conn.Dispense(headnode.Kind)
	must(t, err)
	s, err = driver.(headnode.Driver).Open(t.Context(), target)
	must(t, err)
	return s, func() { _ = cmd.Process.Kill() }
}

// survivesKills kills the driver before each call that it makes to libvirtd, and so after each.
func survivesKills(t *testing.T, h *host) {
	p := newTrap(t, h)
	binary := program(t)
	through := h.target(t, map[string]any{"uri": p.URI()})
	direct := h.open(t, nil)
	for name, step := range map[string]func(context.Context, headnode.Session, headnode.Spec) error{
		"CreateSeeded": func(ctx context.Context, s headnode.Session, spec headnode.Spec) error {
			return s.(headnode.Seeder).CreateSeeded(ctx, spec, seed) // which is Create, and more
		},
		"Start": func(ctx context.Context, s headnode.Session, spec headnode.Spec) error {
			must(t, direct.Create(ctx, spec))
			return s.Start(ctx, spec.ID)
		},
		"Delete": func(ctx context.Context, s headnode.Session, spec headnode.Spec) error {
			must(t, direct.CreateSeeded(ctx, spec, seed))
			return s.Delete(ctx, spec.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			kills := 0
			for done := false; !done; kills++ {
				spec := spec(file, 104)
				p.set(never, nil) // let the connection through
				s, kill := launch(t, binary, through)
				p.set(kills, kill)
				err := step(t.Context(), s, spec)
				if done = !p.sprung(); done {
					must(t, err)
				}
				if kills%2 == 1 { // else it is deleted as it is
					eventually(t, func() error { return direct.CreateSeeded(t.Context(), spec, seed) })
					must(t, h.disk(spec.ID))
					if name != "Start" {
						wantSeed(t, direct, spec.ID)
					}
				}
				eventually(t, func() error { return direct.Delete(t.Context(), spec.ID) })
				h.wantGone(t, spec.ID)
				kill()
			}
			t.Logf("killed at each of %d calls", kills-1)
		})
	}
}

// plugsWhileStarting has a driver beside another server start a machine before each call with which a card of it is moved.
func plugsWhileStarting(t *testing.T, h *host) {
	start := func(direct *session, id string) { must(t, direct.Start(t.Context(), id)) }
	h.beforeEachCall(t, 3, start,
		func(s *session, id string) { must(t, s.Plug(t.Context(), id, headnode.NIC{Label: "eth0", VLAN: 105})) },
		func(direct *session, id string, started bool) {
			if !started {
				start(direct, id)
			}
			for _, which := range [][]string{{"dumpxml", id}, {"dumpxml", "--inactive", id}} {
				if xml := h.MustVirsh(t, which...); !strings.Contains(xml, "<tag id='105'/>") || strings.Contains(xml, "<tag id='104'/>") {
					t.Errorf("%v shows another VLAN: %s", which, xml)
				}
			}
			must(t, direct.Delete(t.Context(), id))
		})
}

// beforeEachCall changes one machine after the other, each of which has a card on VLAN 104, while something happens before
// another call of the change, and looks what came of it; the last one changes in peace. A change makes some calls at least.
func (h *host) beforeEachCall(t *testing.T, least int, happens, change func(*session, string), look func(direct *session, id string, happened bool)) {
	t.Helper()
	p := newTrap(t, h)
	p.passes = true
	s, direct := h.open(t, map[string]any{"uri": p.URI()}), h.open(t, nil)
	calls := 0
	for happened := true; happened; calls++ {
		spec := spec(file, 104)
		must(t, direct.Create(t.Context(), spec))
		p.set(calls, func() { happens(direct, spec.ID) })
		change(s, spec.ID)
		happened = p.sprung()
		look(direct, spec.ID, happened)
	}
	if calls < least {
		t.Errorf("the trap has seen %d calls", calls)
	}
	t.Logf("it happened before each of %d calls", calls-1)
}

// eventually repeats what can be repeated, as a server does.
func eventually(t testing.TB, f func() error) {
	t.Helper()
	for {
		err := f()
		if err == nil {
			return
		}
		if !sdk.IsRetryable(err) || t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}

// disk is an error if a machine has no disk.
func (h *host) disk(id string) error {
	_, err := os.Stat(filepath.Join(h.pool, id+".vda"+diskSuffix))
	return err
}

// wantGone fails the test if anything of a machine is left.
func (h *host) wantGone(t testing.TB, id string) {
	t.Helper()
	if names := h.MustVirsh(t, "list", "--all", "--name"); strings.Contains(names, id) {
		t.Errorf("%s is still known", id)
	}
	if disks, err := filepath.Glob(filepath.Join(h.Dir(), "pool", "*", id+"*")); err != nil || len(disks) > 0 {
		t.Errorf("%s has disks: %v, %v", id, disks, err)
	}
	for _, pid := range h.Emulators(t) {
		if line, err := os.ReadFile("/proc/" + pid + "/cmdline"); err == nil && strings.Contains(string(line), id) {
			t.Errorf("%s is still emulated by process %s", id, pid)
		}
	}
	owner := fmt.Sprintf("external_ids:vm-id=%q", strings.TrimPrefix(id, prefix))
	if ports := h.sw.MustCtl(t, "--bare", "--columns=name", "find", "Interface", owner); ports != "" {
		t.Errorf("%s is still plugged in: %s", id, ports)
	}
}
