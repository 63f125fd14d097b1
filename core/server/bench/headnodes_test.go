package bench_test

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/digitalocean/go-libvirt"
	"github.com/digitalocean/go-libvirt/socket/dialers"
	"github.com/google/uuid"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/headnode-libvirt/libvirttest"
	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

const (
	// pairs is how often a headnode is started on each side: starting QEMU takes now this long, now that.
	pairs = 15
	// headnodePool and headnodeBase are what machines are made in and from.
	headnodePool, headnodeBase = "haas_headnodes", "base-headnode"
	headnodeBridge             = "br-hn"
)

// BenchmarkHeadnodes measures how long it takes until a new headnode runs, against the calls of libvirt that make and start
// the same machine. Both sides are measured in turns on one host; the pair is shown whose ratio is the median.
func BenchmarkHeadnodes(b *testing.B) {
	h := newMachineHost(b)
	h.startOne(b) // warms up, and shows what is made
	found := make([]pair, pairs)
	for i := range found {
		if i%2 == 0 { // neither side always follows the other
			found[i].haas, found[i].bare = h.startOne(b), h.startBare(b)
		} else {
			found[i].bare, found[i].haas = h.startBare(b), h.startOne(b)
		}
	}
	slices.SortFunc(found, func(x, y pair) int { return cmp.Compare(x.haas/x.bare, y.haas/y.bare) })
	middle := found[pairs/2]
	t := table{against: "bare libvirt"}
	t.add(row{"create and start a headnode with a NIC, QEMU in software", figure{middle.haas, "ms"}, figure{middle.bare, "ms"}, ratioAtMost(1.2)})
	t.print(os.Stdout)
}

// pair is how many milliseconds each side took.
type pair struct{ haas, bare float64 }

// machineHost is a host of virtual machines with a server before it.
type machineHost struct {
	*libvirttest.Host
	root servertest.Client
	bare *libvirt.Libvirt
	disk string // the base's
	// description is that of the machine that HaaS made last, id its UUID.
	description, id string
}

func newMachineHost(b *testing.B) *machineHost {
	b.Helper()
	sw := ovstest.Run(b)
	must(b, sw.AddBridge(b.Context(), headnodeBridge))
	h := &machineHost{Host: libvirttest.Run(b, libvirttest.Options{In: sw.Do, OpenVSwitch: sw.Dir()})}
	h.disk = filepath.Join(h.AddPool(b, headnodePool), headnodeBase+".qcow2")
	h.AddDisk(b, h.disk, "32M")
	h.Define(b, fmt.Sprintf(`<domain type='qemu'><name>%s</name><memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/><target dev='vda' bus='virtio'/></disk></devices></domain>`, headnodeBase, h.disk))
	home := servertest.NewSite(b, "", servertest.Sections{"general": {"log_level": "ERROR"}, "headnode": {
		"base_imgs": headnodeBase, "libvirt_endpoint": h.URI(), "domain_type": "qemu", "network": "openvswitch", "bridge": headnodeBridge,
	}})
	home.CreateAdmin(b, admin, password)
	h.root = home.Start(b).As(admin, password)
	h.root.OK(b, "PUT", "/v0/project/p1", "")
	h.root.OK(b, "PUT", "/v0/network/net", `{"owner": "p1", "access": ["p1"], "net_id": ""}`)
	at := get(url.Parse(h.URI()))(b)
	h.bare = libvirt.NewWithDialer(dialers.NewLocal(dialers.WithSocket(at.Query().Get("socket"))))
	must(b, h.bare.ConnectToURI(libvirt.QEMUSystem))
	b.Cleanup(func() { must(b, h.bare.Disconnect()) })
	return h
}

// startOne is how long a tenant waits for a headnode that runs. It is removed again, and its description noted.
func (h *machineHost) startOne(b *testing.B) float64 {
	b.Helper()
	took := each(1, func() {
		h.root.OK(b, "PUT", "/v0/headnode/h", fmt.Sprintf(`{"project": "p1", "base_img": %q}`, headnodeBase))
		h.root.OK(b, "PUT", "/v0/headnode/h/hnic/eth0", "")
		h.root.OK(b, "POST", "/v0/headnode/h/hnic/eth0/connect_network", `{"network": "net"}`)
		h.root.OK(b, "POST", "/v0/headnode/h/start", "")
	})
	h.id = fmt.Sprint(h.root.OK(b, "GET", "/v0/headnode/h", "").JSON(b)["uuid"])
	h.wantRunning(b, "headnode-"+h.id)
	h.description = h.MustVirsh(b, "dumpxml", "--inactive", "--security-info", "headnode-"+h.id)
	h.root.OK(b, "DELETE", "/v0/headnode/h", "")
	return took
}

// startBare is how long the same machine takes, under another name, without HaaS. It is removed again.
func (h *machineHost) startBare(b *testing.B) float64 {
	b.Helper()
	id := uuid.NewString()
	var made libvirt.Domain
	took := each(1, func() {
		pool := get(h.bare.StoragePoolLookupByName(headnodePool))(b)
		get(h.bare.StorageVolCreateXML(pool, fmt.Sprintf(`<volume><name>headnode-%s.vda.qcow2</name><capacity unit='MiB'>32</capacity>
<target><format type='qcow2'/><compat>1.1</compat></target><backingStore><path>%s</path><format type='qcow2'/></backingStore></volume>`, id, h.disk), 0))(b)
		made = get(h.bare.DomainDefineXMLFlags(strings.ReplaceAll(h.description, h.id, id), libvirt.DomainDefineValidate))(b)
		must(b, h.bare.DomainCreate(made))
	})
	h.wantRunning(b, made.Name)
	must(b, h.bare.DomainDestroy(made))
	must(b, h.bare.DomainUndefine(made))
	vol := get(h.bare.StorageVolLookupByPath(filepath.Join(filepath.Dir(h.disk), made.Name+".vda.qcow2")))(b)
	must(b, h.bare.StorageVolDelete(vol, libvirt.StorageVolDeleteNormal))
	return took
}

func (h *machineHost) wantRunning(b *testing.B, machine string) {
	b.Helper()
	if state := h.MustVirsh(b, "domstate", machine); state != "running" {
		b.Fatalf("%s is %s", machine, state)
	}
}
