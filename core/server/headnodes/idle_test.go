package headnodes_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/headnode-libvirt/libvirttest"
	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

// idleHost is a host whose images have nothing to start from: their machines cost next to nothing.
type idleHost struct {
	*libvirttest.Host
	sw *ovstest.Switch
}

func newIdleHost(t *testing.T) *idleHost {
	t.Helper()
	sw := ovstest.Run(t)
	must(t, sw.AddBridge(t.Context(), bridge))
	h := &idleHost{Host: libvirttest.Run(t, libvirttest.Options{In: sw.Do, OpenVSwitch: sw.Dir()}), sw: sw}
	h.AddPool(t, pool)
	h.define(t, image)
	return h
}

// define adds an image.
func (h *idleHost) define(t *testing.T, name string) {
	t.Helper()
	disk := filepath.Join(h.Dir(), "pool", pool, name+".qcow2")
	h.AddDisk(t, disk, "1M")
	h.Define(t, fmt.Sprintf(`<domain type='qemu'><name>%s</name><memory unit='MiB'>16</memory><vcpu>1</vcpu><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/><target dev='vda' bus='virtio'/></disk></devices></domain>`, name, disk))
}

// serve is a running server whose headnodes live on the host, with some keys of [headnode] changed, or left out. Its one user is root, who
// is ann as well.
func (h *idleHost) serve(t *testing.T, changes map[string]string) *site {
	t.Helper()
	keys := map[string]string{
		"base_imgs": image, "libvirt_endpoint": h.URI(), "domain_type": "qemu", "network": "openvswitch", "bridge": bridge,
	}
	maps.Copy(keys, changes)
	maps.DeleteFunc(keys, func(_, value string) bool { return value == "" })
	s := &site{host: h.Host, home: servertest.NewSite(t, "", servertest.Sections{"headnode": keys})}
	s.home.CreateAdmin(t, "root", "secret")
	s.Server = s.home.Start(t)
	s.root = s.As("root", "secret")
	s.ann = s.root
	s.root.OK(t, "PUT", "/v0/project/p1", "")
	return s
}

// isEmpty wants nothing on the host that HaaS has made.
func (h *idleHost) isEmpty(t *testing.T) {
	t.Helper()
	if names := h.MustVirsh(t, "list", "--all", "--name"); strings.Contains(names, "headnode-") {
		t.Errorf("machines are left: %s", names)
	}
	if disks, err := filepath.Glob(filepath.Join(h.Dir(), "pool", "*", "headnode-*")); err != nil || len(disks) > 0 {
		t.Errorf("disks are left: %v, %v", disks, err)
	}
	if ports := h.sw.MustCtl(t, "list-ports", bridge); ports != "" {
		t.Errorf("ports are left: %s", ports)
	}
}
