// A program cannot be imported, so its tests are inside.

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitalocean/go-libvirt"
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// base describes a machine that an operator has prepared, with a disk. Its name is unlike a headnode's.
func base(name, disk string) string {
	return fmt.Sprintf(`<domain type='qemu'><name>%s</name><title>A prepared machine</title><memory unit='MiB'>48</memory><vcpu>1</vcpu>
<os><type>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/><target dev='vda' bus='virtio'/></disk>
<interface type='bridge'><source bridge='%s'/><virtualport type='openvswitch'/></interface>
<graphics type='vnc' port='-1' autoport='yes' passwd='base-pw1'/></devices></domain>`, name, disk, bridge)
}

// define adds a prepared machine to the host.
func (h *host) define(t testing.TB, name string) {
	t.Helper()
	disk := filepath.Join(h.pool, name+".qcow2")
	h.AddDisk(t, disk, "32M")
	h.Define(t, base(name, disk))
}

// start starts a prepared machine. QEMU was seen, once on a busy machine, to find the new disk locked by somebody for a
// moment, so it is given a few.
func (h *host) start(t testing.TB, name string) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		_, err := h.Virsh(t.Context(), "start", name)
		if err == nil {
			return
		}
		select {
		case <-limit:
			t.Fatal(err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func wantText(t testing.TB, err error, code sdk.Code, words ...string) {
	t.Helper()
	wantCode(t, err, code)
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

// TestWhoIsNotLetIn has libvirtd refuse the server's user, in the words it has for people at a desktop.
func TestWhoIsNotLetIn(t *testing.T) {
	t.Parallel()
	err := explain("connect", libvirt.Error{Code: uint32(libvirt.ErrAuthUnavailable), Message: "authentication unavailable: no polkit agent available"})
	wantText(t, err, sdk.Refused, "no polkit agent available", "usermod --append --groups libvirt")
}

// refuses is every bad input that Create may be given; nothing is left of any.
func refuses(t *testing.T, h *host) {
	h.define(t, "base-running")
	h.start(t, "base-running")
	t.Cleanup(func() { h.MustVirsh(t, "destroy", "base-running") })
	h.Define(t, strings.Replace(base("base-diskless", "/x"), "</disk>", "<readonly/></disk>", 1))
	for name, c := range map[string]struct {
		changes map[string]any
		change  func(*headnode.Spec)
		code    sdk.Code
		words   []string
	}{
		"an unknown image":        {nil, func(s *headnode.Spec) { s.Image = "none" }, sdk.Invalid, []string{`there is no "none"`, file}},
		"an image that runs":      {nil, func(s *headnode.Spec) { s.Image = "base-running" }, sdk.Refused, []string{"base-running", "shut it down"}},
		"an image without a disk": {nil, func(s *headnode.Spec) { s.Image = "base-diskless" }, sdk.Refused, []string{"no disk"}},
		"a name that is none":     {nil, func(s *headnode.Spec) { s.ID = "base-running" }, sdk.Invalid, []string{"base-running", "UUID"}},
		"a VLAN that is none":     {nil, func(s *headnode.Spec) { s.NICs[0].VLAN = 4095 }, sdk.Invalid, []string{"nics[0].vlan", "4094"}},
		"a card twice":            {nil, func(s *headnode.Spec) { s.NICs[1].Label = "eth0" }, sdk.Invalid, []string{"nics[1].label"}},
		"a pool that is not":      {map[string]any{"pool": "none"}, nil, sdk.Refused, []string{"pool: there is no storage pool none", "virsh pool-define-as none"}},
		"a bridge that is not":    {map[string]any{"bridge": "br-none"}, nil, sdk.Refused, []string{"bridge: there is no link", "br-none"}},
		"KVM that is not":         {map[string]any{"domain_type": "kvm"}, nil, sdk.Refused, []string{"kvm"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := spec(file, 104)
			if c.change != nil {
				c.change(&spec)
			}
			err := h.open(t, c.changes).Create(t.Context(), spec)
			wantText(t, err, c.code, c.words...)
			if machineID.MatchString(spec.ID) {
				h.wantGone(t, spec.ID)
			}
		})
	}
}

// findsPoolFull fills a pool of its own.
func findsPoolFull(t *testing.T, h *host) {
	dir := h.AddPool(t, "small")
	h.Inside(t, "mount", "-t", "tmpfs", "-o", "size=256k", "small", dir)
	h.Inside(t, "qemu-img", "create", "-q", "-f", "qcow2", filepath.Join(dir, file), "64M")
	s := h.open(t, map[string]any{"pool": "small"})
	spec := spec(file, 104)
	wantText(t, s.Create(t.Context(), spec), sdk.Refused, "pool small", "is full")
	h.wantGone(t, spec.ID)
	h.MustVirsh(t, "vol-create-as", "small", "sparse", "1M", "--allocation", "0", "--format", "raw")
	vol, err := get(t.Context(), s.link, func(l *libvirt.Libvirt) (libvirt.StorageVol, error) {
		return l.StorageVolLookupByPath(filepath.Join(dir, "sparse"))
	})
	must(t, err)
	wantText(t, s.upload(t.Context(), vol, bytes.Repeat([]byte("x"), 1<<20)), sdk.Refused, "could not write all of volume sparse")
	h.MustVirsh(t, "vol-delete", "sparse", "--pool", "small")
	if out := h.Inside(t, "ls", dir); out != file {
		t.Errorf("there is %s", out)
	}
}

// leavesOthersAlone tries to start, stop and delete what an operator has made.
func leavesOthersAlone(t *testing.T, h *host) {
	s := h.open(t, nil)
	id := spec(file, 1).ID
	h.define(t, id)
	for _, call := range []func() error{
		func() error { return s.Start(t.Context(), id) },
		func() error { return s.Stop(t.Context(), id) },
		func() error { _, err := s.State(t.Context(), id); return err },
	} {
		wantText(t, call(), sdk.NotFound, "was not made by HaaS")
	}
	wantText(t, s.Create(t.Context(), headnode.Spec{ID: id, Image: file}), sdk.Refused, "was not made by HaaS")
	wantText(t, s.Delete(t.Context(), id), sdk.Refused, "was not made by HaaS", "undefine or rename it")
	if names := h.MustVirsh(t, "list", "--all", "--name"); !strings.Contains(names, id) {
		t.Error("it is gone")
	}
	must(t, os.Remove(filepath.Join(h.pool, id+".qcow2"))) // which is still there
	h.MustVirsh(t, "undefine", id)
}

func TestAnUnreachableHost(t *testing.T) {
	t.Parallel()
	for name, uri := range map[string]string{
		"no socket": "qemu+unix:///system?socket=" + filepath.Join(t.TempDir(), "none"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), target(t, uri, nil))
			if sdk.CodeOf(err) != sdk.Unavailable || !sdk.IsRetryable(err) {
				t.Error(err)
			}
		})
	}
}
