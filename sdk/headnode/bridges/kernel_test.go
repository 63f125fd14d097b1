package bridges_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
	"github.com/CCI-MOC/haas/sdk/headnode/bridges"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what takes a moment on a machine that is busy with tests.
const patience = time.Minute

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// kernel is a network of its own with a trunk, whose far end is the NIC "far", and its bridges.
type kernel struct {
	*ovstest.Namespace
	*bridges.Host
	links *netlink.Handle
}

func newKernel(t testing.TB) kernel {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	ns, err := ovstest.NewMachine(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, ns.Close()) })
	k := kernel{Namespace: ns}
	must(t, ns.Do(func() (err error) {
		k.links, err = netlink.NewHandle(unix.NETLINK_ROUTE)
		return err
	}))
	t.Cleanup(k.links.Close)
	k.Host = k.open(t, "trunk0")
	k.pair(t, "trunk0", "far")
	return k
}

// open has another trunk.
func (k kernel) open(t testing.TB, trunk string) *bridges.Host {
	t.Helper()
	var h *bridges.Host
	must(t, k.Do(func() (err error) {
		h, err = bridges.Open(trunk)
		return err
	}))
	t.Cleanup(h.Close)
	return h
}

// pair makes two NICs with a cable between them.
func (k kernel) pair(t testing.TB, near, far string) {
	t.Helper()
	must(t, k.links.LinkAdd(&netlink.Veth{LinkAttrs: attributes(near, 0), PeerName: far}))
	for _, name := range []string{near, far} {
		must(t, k.links.LinkSetUp(k.find(t, name)))
	}
}

func attributes(name string, group uint32) netlink.LinkAttrs {
	a := netlink.NewLinkAttrs()
	a.Name, a.Group = name, group
	return a
}

func (k kernel) find(t testing.TB, name string) netlink.Link {
	t.Helper()
	link, err := k.links.LinkByName(name)
	must(t, err)
	return link
}

// addBridge makes a bridge in a group, and hands it back.
func (k kernel) addBridge(t testing.TB, name string, group uint32) netlink.Link {
	t.Helper()
	must(t, k.links.LinkAdd(&netlink.Bridge{LinkAttrs: attributes(name, group)}))
	return k.find(t, name)
}

// addVLAN makes a sub-interface of the trunk in a group.
func (k kernel) addVLAN(t testing.TB, name string, vlan int, group uint32) error {
	t.Helper()
	a := attributes(name, group)
	a.ParentIndex = k.find(t, "trunk0").Attrs().Index
	return k.links.LinkAdd(&netlink.Vlan{LinkAttrs: a, VlanId: vlan, VlanProtocol: netlink.VLAN_PROTOCOL_8021Q})
}

func (k kernel) knowsVLANs(t testing.TB) bool {
	t.Helper()
	err := k.addVLAN(t, "trunk0.1", 1, 0)
	if errors.Is(err, unix.EOPNOTSUPP) {
		return false
	}
	must(t, err)
	k.remove(t, "trunk0.1")
	return true
}

func (k kernel) remove(t testing.TB, name string) {
	t.Helper()
	must(t, k.links.LinkDel(k.find(t, name)))
}

// powerless calls f, which fails no test at once, as somebody who may look at links and change none.
func powerless(t testing.TB, f func()) {
	t.Helper()
	ended := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with this goroutine
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var rights [2]unix.CapUserData
		err := unix.Capget(&header, &rights[0])
		rights[0].Effective &^= 1 << unix.CAP_NET_ADMIN
		if err == nil {
			err = unix.Capset(&header, &rights[0])
		}
		if err == nil {
			f()
		}
		ended <- err
	}()
	must(t, <-ended)
}

// plugIn plugs a new NIC into the bridge of a VLAN, as a machine is, and gives its wire.
func (k kernel) plugIn(t testing.TB, vlan int) *ovstest.Wire {
	t.Helper()
	near, far := fmt.Sprintf("tap%d", vlan), fmt.Sprintf("guest%d", vlan)
	k.pair(t, near, far)
	must(t, k.links.LinkSetMaster(k.find(t, near), k.find(t, bridges.Name(vlan))))
	return k.wire(t, far)
}

func (k kernel) wire(t testing.TB, nic string) *ovstest.Wire {
	t.Helper()
	w, err := k.OpenWire(nic)
	must(t, err)
	t.Cleanup(func() { must(t, w.Close()) })
	return w
}

// names are those of all links but the ones that were there at the start.
func (k kernel) names(t testing.TB) (names []string) {
	t.Helper()
	all, err := k.links.LinkList()
	must(t, err)
	for _, link := range all {
		if name := link.Attrs().Name; name != "lo" && name != "trunk0" && name != "far" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// wantMade wants HaaS to have made these links.
func (k kernel) wantMade(t testing.TB, want ...string) {
	t.Helper()
	var made []string
	for _, name := range k.names(t) {
		if k.find(t, name).Attrs().Group == bridges.Group {
			made = append(made, name)
		}
	}
	if !slices.Equal(made, want) {
		t.Errorf("HaaS has made %v, want %v", made, want)
	}
}

// tidy leaves what the VLANs need.
func (k kernel) tidy(t testing.TB, needed ...int) {
	t.Helper()
	all := map[int]bool{}
	for _, vlan := range needed {
		all[vlan] = true
	}
	must(t, k.Tidy(all))
}

// wantRemoved removes all there is of HaaS, and wants it to have been that of some VLANs, and others in use.
func (k kernel) wantRemoved(t testing.TB, removed, inUse []int) {
	t.Helper()
	gotRemoved, gotInUse, err := k.Remove()
	must(t, err)
	if !slices.Equal(gotRemoved, removed) || !slices.Equal(gotInUse, inUse) {
		t.Errorf("removed %v and kept %v, want %v and %v", gotRemoved, gotInUse, removed, inUse)
	}
}

// wantUsable wants the bridges of the VLANs, which root has made, to do for whoever calls.
func (k kernel) wantUsable(t testing.TB, vlans ...int) {
	t.Helper()
	if err := k.Need(t.Context(), vlans); err != nil {
		t.Errorf("bridges that are there cannot be used: %v", err)
	}
	if made, err := k.Keep(t.Context(), vlans); err != nil || len(made) > 0 {
		t.Errorf("bridges that are there: made %v, %v", made, err)
	}
	if err := k.Tidy(nil); err != nil {
		t.Errorf("bridges that stay: %v", err)
	}
}

func wantText(t testing.TB, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("error %v, want %q", err, words)
	}
}

func wantFrame(t testing.TB, w *ovstest.Wire, want ovstest.Frame) {
	t.Helper()
	got, err := w.Receive(patience)
	if err != nil || got.Text != want.Text || !slices.Equal(got.Tags, want.Tags) {
		t.Errorf("received %+v, %v; want %+v", got, err, want)
	}
}
