// A program cannot be imported, so its tests are inside.

package main

import (
	"encoding/xml"
	"reflect"
	"strings"
	"testing"

	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/sdk/headnode"
)

// prepared is a machine with much that a copy must not have, each with the word "secret" in it, and much that it must.
const prepared = `<domain type='kvm'><name>base</name><uuid>11111111-1111-1111-1111-111111111111</uuid><title>secret</title>
<metadata><x:y xmlns:x='http://example.com/x'>secret</x:y></metadata>
<memory unit='GiB'>3</memory><vcpu>5</vcpu><cpu mode='host-model'/><clock offset='localtime'/>
<os><type arch='x86_64' machine='q35'>hvm</type><loader readonly='yes' type='pflash'>/usr/OVMF_CODE.fd</loader>
<nvram template='/usr/OVMF_VARS.fd'>/var/secret.fd</nvram><boot dev='hd'/></os>
<devices><emulator>/usr/bin/kvm</emulator>
<disk type='file' device='disk'><driver name='qemu' type='raw' cache='none'/><source file='/secret-1'/><target dev='sda' bus='sata'/></disk>
<disk type='block' device='disk'><source dev='/dev/secret-2'/><target dev='vdb' bus='virtio'/><serial>secret</serial></disk>
<disk type='file' device='cdrom'><source file='/seed.iso'/><target dev='sdb' bus='sata'/><readonly/></disk>
<controller type='scsi' index='0' model='virtio-scsi'/>
<interface type='network'><mac address='52:54:00:00:00:01'/><source network='secret'/></interface>
<filesystem type='mount'><source dir='/secret'/><target dir='x'/></filesystem>
<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/></source></hostdev>
<serial type='file'><source path='/secret'/></serial><console type='file'><source path='/secret'/></console>
<channel type='unix'><source mode='bind' path='/secret'/><target type='virtio' name='secret'/></channel>
<graphics type='vnc' port='5999' passwd='secret' listen='0.0.0.0'/><graphics type='spice' passwd='secret'/>
<input type='tablet' bus='usb'/><input type='evdev'><source dev='/dev/input/secret'/></input><input type='passthrough' bus='virtio'><source evdev='/dev/input/secret'/></input>
<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/secret'/></backend></tpm><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
<video><model type='qxl'/></video><rng model='virtio'><backend model='random'>/dev/random</backend></rng>
<rng model='virtio'><backend model='egd' type='udp'><source mode='connect' host='secret' service='1'/></backend></rng></devices>
<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='secret'/></qemu:commandline></domain>`

func TestACopyIsNotTiedToWhereItsBaseStands(t *testing.T) {
	t.Parallel()
	base := &machine{}
	must(t, base.now.Unmarshal(prepared))
	disks, err := clonable(base)
	must(t, err)
	if len(disks) != 2 || disks[0].path != "/secret-1" || disks[0].format != "raw" || disks[1].path != "/dev/secret-2" || disks[1].format != "raw" {
		t.Fatalf("%+v", disks)
	}
	s := &session{settings: settings{network: viaOpenVSwitch, bridge: "br0"}}
	s.network = s.plugging()
	spec := spec("base", 104)
	d := s.plan(spec, &image{name: "base", base: base, disks: disks}, map[string]string{"sda": "/pool/1", "vdb": "/pool/2"})
	text, err := d.Marshal()
	must(t, err)
	if strings.Contains(text, "secret") || strings.Contains(text, "52:54:00") || strings.Contains(text, "hostdev") {
		t.Errorf("it has something of its base's surroundings: %s", text)
	}
	for _, want := range []string{
		"<name>" + spec.ID + "</name>", "<uuid>" + strings.TrimPrefix(spec.ID, prefix) + "</uuid>", `<memory unit="GiB">3</memory>`, "<vcpu>5</vcpu>",
		`machine="q35"`, "/usr/OVMF_CODE.fd", `template="/usr/OVMF_VARS.fd"`, "<emulator>/usr/bin/kvm</emulator>", "virtio-scsi", "qxl", "/seed.iso",
		`<input type="tablet" bus="usb">`, "tpm-crb", "/dev/random",
		`<source file="/pool/1">`, `<source file="/pool/2">`, `<target dev="sda" bus="sata">`, `offset="localtime"`, "host-model",
		`listen="127.0.0.1"`, `autoport="yes"`, `<tag id="104">`, `<tag id="4095">`, `<link state="down">`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %s: %s", want, text)
		}
	}
	if n := len(d.Devices.Disks); n != 3 || len(d.Devices.Graphics) != 1 || len(d.Devices.Interfaces) != 2 {
		t.Errorf("%d disks, %d screens, %d cards", n, len(d.Devices.Graphics), len(d.Devices.Interfaces))
	}
	if base.now.OS.NVRam.NVRam != "/var/secret.fd" {
		t.Error("the base was changed")
	}
}

func TestWhatCannotBeCopied(t *testing.T) {
	t.Parallel()
	for name, disks := range map[string]string{
		"a network's disk":      `<disk type='network' device='disk'><source protocol='rbd' name='a/b'/><target dev='vda'/></disk>`,
		"one of two":            `<disk type='file' device='disk'><source file='/a'/><target dev='vda'/></disk><disk type='volume' device='disk'><source pool='a' volume='b'/><target dev='vdb'/></disk>`,
		"nothing but a CD":      `<disk type='file' device='cdrom'><source file='/a'/><target dev='sda'/></disk>`,
		"nothing":               ``,
		"a LUN":                 `<disk type='file' device='disk'><source file='/a'/><target dev='vda'/></disk><disk type='block' device='lun'><source dev='/b'/><target dev='sda'/></disk>`,
		"a floppy":              `<disk type='file' device='disk'><source file='/a'/><target dev='vda'/></disk><disk type='file' device='floppy'><source file='/b'/><target dev='fda'/></disk>`,
		"a disk without medium": `<disk type='file' device='disk'><target dev='vda'/></disk>`,
	} {
		m := &machine{}
		must(t, m.now.Unmarshal(`<domain><name>base</name><devices>`+disks+`</devices></domain>`))
		if _, err := clonable(m); err == nil {
			t.Errorf("%s can be copied", name)
		}
	}
}

func TestAddressesOfCards(t *testing.T) {
	t.Parallel()
	id := spec("x", 1).ID
	seen := map[string]bool{}
	for _, label := range []string{"eth0", "eth1", "", "Ünï", "eth0 "} {
		mac := macOf(id, label)
		if mac != macOf(id, label) || seen[mac] || !strings.HasPrefix(mac, "02:") || len(mac) != len("02:00:00:00:00:00") {
			t.Errorf("%q has the address %s", label, mac)
		}
		seen[mac] = true
	}
}

func TestPasswordsOfScreensDiffer(t *testing.T) {
	t.Parallel()
	a, b := newScreen(), newScreen()
	if a.Passwd == b.Passwd || len(a.Passwd) != 8 {
		t.Error("two screens have one password, or one that VNC cuts off")
	}
}

func TestMarksAreFoundAmongOthers(t *testing.T) {
	t.Parallel()
	s := headnode.Spec{ID: "headnode-1", Image: `a"<&>`, NICs: []headnode.NIC{{Label: "eth0"}, {Label: "<é>"}}}
	text := markOf(s)
	for _, around := range []string{text, "\n  <a:b xmlns:a='http://a'><c/><machine image='no'/></a:b>" + text, text + "<d xmlns='http://d'/>"} {
		m := findMark(around)
		want := []markNIC{{"eth0", macOf(s.ID, "eth0")}, {"<é>", macOf(s.ID, "<é>")}}
		if m.Image != s.Image || !reflect.DeepEqual(m.NICs, want) {
			t.Errorf("%+v in %s", m, around)
		}
	}
	for _, none := range []string{"", "<machine/>", "<x:machine xmlns:x='http://other'/>", "<a", "text"} {
		if m := findMark(none); m.XMLName != (xml.Name{}) {
			t.Errorf("%+v in %s", m, none)
		}
	}
}

func TestWhoseDiskAFileIs(t *testing.T) {
	t.Parallel()
	id := spec("x", 1).ID
	for name, want := range map[string]string{
		id + ".vda.qcow2": id, "/pool/" + id + ".sdb.qcow2": id,
		id + ".qcow2": "", id + ".vda.raw": "", id + ".v.da.qcow2": "", "x" + id + ".vda.qcow2": "", id + ".vda.qcow2.sha256": "",
		"headnode-1.vda.qcow2": "", "debian.vda.qcow2": "", "": "", strings.ToUpper(id) + ".vda.qcow2": "", id + "..qcow2": "",
	} {
		if got, ok := ownerOf(name); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q's, %t", name, got, ok)
		}
	}
}

func FuzzMark(f *testing.F) {
	f.Add(markOf(headnode.Spec{ID: "a", NICs: []headnode.NIC{{Label: "b"}}}))
	f.Add("<a><b/>")
	f.Fuzz(func(_ *testing.T, text string) { findMark(text) })
}

func TestPortsThatAreNone(t *testing.T) {
	t.Parallel()
	on := 1
	for _, d := range []libvirtxml.Domain{
		{}, {ID: &on}, {ID: &on, Devices: &libvirtxml.DomainDeviceList{Graphics: []libvirtxml.DomainGraphic{{}, {VNC: &libvirtxml.DomainGraphicVNC{Port: -1}}}}},
		{Devices: &libvirtxml.DomainDeviceList{Graphics: []libvirtxml.DomainGraphic{{VNC: &libvirtxml.DomainGraphicVNC{Port: 5900}}}}},
	} {
		if port := (&machine{now: d}).vncPort(); port != 0 {
			t.Errorf("port %d", port)
		}
	}
}
