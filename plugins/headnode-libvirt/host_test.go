// A program cannot be imported, so its tests are inside.

package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/go-hclog"
	"github.com/vishvananda/netlink"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/headnode-libvirt/libvirttest"
	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/headnode/bridges"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	bridge = "br-hn"
	// file is the image that is a file in the pool.
	file = "disk.qcow2"
)

// host is a libvirtd beside an Open vSwitch with one bridge, and one pool with one image file.
type host struct {
	*libvirttest.Host
	sw   *ovstest.Switch
	pool string
}

func newHost(t testing.TB) *host {
	t.Helper()
	sw := ovstest.Run(t)
	must(t, sw.AddBridge(t.Context(), bridge))
	h := &host{Host: libvirttest.Run(t, libvirttest.Options{In: sw.Do, OpenVSwitch: sw.Dir()}), sw: sw}
	t.Cleanup(func() { h.wantEmpty(t) })
	h.pool = h.AddPool(t, defaultPool)
	h.AddDisk(t, filepath.Join(h.pool, file), "64M")
	return h
}

// wantEmpty fails the test if anything is left that the driver has made.
func (h *host) wantEmpty(t testing.TB) {
	t.Helper()
	if names := h.MustVirsh(t, "list", "--all", "--name"); strings.Contains(names, prefix) {
		t.Errorf("machines are left: %s", names)
	}
	if pids := h.Emulators(t); len(pids) > 0 {
		t.Errorf("emulators are left: %v", pids)
	}
	if disks, err := filepath.Glob(filepath.Join(h.Dir(), "pool", "*", prefix+"*")); err != nil || len(disks) > 0 {
		t.Errorf("disks are left: %v, %v", disks, err)
	}
	if ports := h.sw.MustCtl(t, "list-ports", bridge); ports != "" {
		t.Errorf("ports are left: %s", ports)
	}
	h.kernel(t, func(l *netlink.Handle) error {
		all, err := l.LinkList()
		for _, link := range all {
			if a := link.Attrs(); a.Group == bridges.Group || strings.HasPrefix(a.Name, "vnet") {
				t.Errorf("the link %s is left", a.Name)
			}
		}
		return err
	})
}

// target is the host, with some settings changed.
func (h *host) target(t testing.TB, changes map[string]any) sdk.Target {
	t.Helper()
	return target(t, h.URI(), changes)
}

// target is a host at a URI, with some settings changed.
func target(t testing.TB, uri string, changes map[string]any) sdk.Target {
	t.Helper()
	all := map[string]any{"uri": uri, "domain_type": "qemu", "network": "openvswitch", "bridge": bridge, "memory": 64, "cpus": 1}
	for name, value := range changes {
		all[name] = value
	}
	raw, err := json.Marshal(all)
	must(t, err)
	return sdk.Target{Name: "h1", Type: typeURL, Settings: raw}
}

// open is a session with the host that ends with the test.
func (h *host) open(t testing.TB, changes map[string]any) *session {
	t.Helper()
	s, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), h.target(t, changes))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s.(*session)
}

// spec is a machine that nobody has made yet, with a card on a VLAN and one that is unplugged.
func spec(image string, vlan int) headnode.Spec {
	nics := []headnode.NIC{{Label: "eth0", VLAN: vlan}, {Label: "eth1"}}
	return headnode.Spec{ID: prefix + uuid.NewString(), Image: image, NICs: nics}
}

// program builds the driver.
func program(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "headnode-libvirt")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code sdk.Code) {
	t.Helper()
	if !errors.Is(err, &sdk.Error{Code: code}) {
		t.Fatalf("want %v, got %v", code, err)
	}
}
