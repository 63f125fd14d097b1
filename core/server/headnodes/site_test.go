package headnodes_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/headnode-libvirt/libvirttest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

const (
	bridge = "br-hn"
	pool   = "haas_headnodes"
	image  = "base-guest"
	memory = 128 // MiB, of the image
)

// site is a running server with projects p1, of ann, and p2, of bob, whose headnodes live on a host of its own. The one
// image is a small system with a shell on the serial console.
type site struct {
	*servertest.Server
	home           *servertest.Site
	sw             *ovstest.Switch
	host           *libvirttest.Host
	root, ann, bob servertest.Client
}

func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteWith(t, guest.Image{})
}

// newSiteWith is newSite with more in the image.
func newSiteWith(t *testing.T, more guest.Image) *site {
	t.Helper()
	sw, host := newHost(t, more)
	s := serve(t, map[string]string{"libvirt_endpoint": host.URI()})
	s.sw, s.host = sw, host
	return s
}

// newHost is what the operator of a host prepares before it is used: an Open vSwitch, a pool, and a machine that others are made
// from.
func newHost(t *testing.T, more guest.Image) (*ovstest.Switch, *libvirttest.Host) {
	t.Helper()
	g := guest.Need(t)
	sw := ovstest.Run(t)
	must(t, sw.AddBridge(t.Context(), bridge))
	h := libvirttest.Run(t, libvirttest.Options{In: sw.Do, OpenVSwitch: sw.Dir()})
	var initrd bytes.Buffer
	more.Modules = []string{"virtio_pci", "virtio_net", "virtio_blk"}
	must(t, g.Write(&initrd, more))
	file := filepath.Join(h.Dir(), "initrd")
	must(t, os.WriteFile(file, initrd.Bytes(), 0o600))
	disk := filepath.Join(h.AddPool(t, pool), image+".qcow2")
	h.AddDisk(t, disk, "32M")
	h.Define(t, fmt.Sprintf(`<domain type='qemu'><name>%s</name><memory unit='MiB'>%d</memory><vcpu>1</vcpu>
<os><type>hvm</type><kernel>%s</kernel><initrd>%s</initrd><cmdline>console=tty0 console=ttyS0</cmdline></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/><target dev='vda' bus='virtio'/></disk>
<graphics type='vnc' port='-1' autoport='yes'/></devices></domain>`, image, memory, g.Kernel, file, disk))
	return sw, h
}

// serve starts the server, with more under [headnode].
func serve(t *testing.T, more map[string]string) *site {
	t.Helper()
	keys := map[string]string{"base_imgs": image, "domain_type": "qemu", "network": "openvswitch", "bridge": bridge}
	maps.Copy(keys, more)
	s := &site{home: servertest.NewSite(t, "", servertest.Sections{"headnode": keys})}
	s.home.CreateAdmin(t, "root", "secret")
	s.Server = s.home.Start(t)
	s.root, s.ann, s.bob = s.As("root", "secret"), s.As("ann", "ann-secret"), s.As("bob", "bob-secret")
	for user, project := range map[string]string{"ann": "p1", "bob": "p2"} {
		s.root.OK(t, "PUT", "/v0/auth/basic/user/"+user, fmt.Sprintf(`{"password": "%s-secret"}`, user))
		s.root.OK(t, "PUT", "/v0/project/"+project, "")
		s.root.OK(t, "POST", "/v0/auth/basic/user/"+user+"/add_project", fmt.Sprintf(`{"project": %q}`, project))
	}
	return s
}

// headnode makes a headnode of ann's on a network of hers, and starts it. It gives the name of its machine.
func (s *site) headnode(t *testing.T, name string) (machine string) {
	t.Helper()
	s.ann.OK(t, "PUT", "/v0/network/net-"+name, `{"owner": "p1", "access": ["p1"], "net_id": ""}`)
	s.ann.OK(t, "PUT", "/v0/headnode/"+name, fmt.Sprintf(`{"project": "p1", "base_img": %q}`, image))
	s.ann.OK(t, "PUT", "/v0/headnode/"+name+"/hnic/eth0", "")
	s.ann.OK(t, "POST", "/v0/headnode/"+name+"/hnic/eth0/connect_network", fmt.Sprintf(`{"network": "net-%s"}`, name))
	s.ann.OK(t, "POST", "/v0/headnode/"+name+"/start", "")
	return fmt.Sprint("headnode-", s.shown(t, name)["uuid"])
}

func (s *site) shown(t *testing.T, name string) map[string]any {
	t.Helper()
	return s.ann.OK(t, "GET", "/v0/headnode/"+name, "").JSON(t)
}

// isGone wants nothing to be left of a machine on its host, where no other is.
func (s *site) isGone(t *testing.T, machine string) {
	t.Helper()
	isGoneFrom(t, s.host, machine)
}

func isGoneFrom(t *testing.T, h *libvirttest.Host, machine string) {
	t.Helper()
	for _, list := range [][]string{{"list", "--all", "--name"}, {"vol-list", pool}} {
		if out := h.MustVirsh(t, list...); strings.Contains(out, machine) {
			t.Errorf("%s is left on its host: %s", machine, out)
		}
	}
	if left := h.Emulators(t); len(left) > 0 {
		t.Errorf("emulators %v are left", left)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
