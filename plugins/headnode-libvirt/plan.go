package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/sdk/headnode"
)

// loopback is where screens are to be seen: on the host itself.
const loopback = "127.0.0.1"

// plan is the description of a machine that is to be made, with its disks at the given paths.
func (s *session) plan(spec headnode.Spec, i *image, paths map[string]string) *libvirtxml.Domain {
	d := s.body(i)
	d.Name = spec.ID
	d.UUID = strings.TrimPrefix(spec.ID, prefix)
	d.Title = "HaaS headnode made from " + i.name
	d.Metadata = &libvirtxml.DomainMetadata{XML: markOf(spec)}
	if s.settings.domainType != "" {
		d.Type = s.settings.domainType
	}
	for _, source := range i.disks {
		d.Devices.Disks = append(d.Devices.Disks, source.copyAt(paths[source.target]))
	}
	for _, n := range spec.NICs {
		d.Devices.Interfaces = append(d.Devices.Interfaces, s.card(spec.ID, n))
	}
	pty := &libvirtxml.DomainChardevSource{Pty: &libvirtxml.DomainChardevSourcePty{}}
	d.Devices.Serials = []libvirtxml.DomainSerial{{Source: pty}}
	d.Devices.Consoles = []libvirtxml.DomainConsole{{Source: pty}}
	d.Devices.Graphics = []libvirtxml.DomainGraphic{{VNC: newScreen()}}
	return d
}

// body is the machine without what makes it one of its own.
func (s *session) body(i *image) *libvirtxml.Domain {
	if i.base != nil {
		return bodyOf(&i.base.now)
	}
	return &libvirtxml.Domain{
		Type:     "kvm",
		Memory:   &libvirtxml.DomainMemory{Unit: "MiB", Value: s.settings.memory},
		VCPU:     &libvirtxml.DomainVCPU{Value: s.settings.cpus},
		OS:       &libvirtxml.DomainOS{Type: &libvirtxml.DomainOSType{Type: "hvm"}},
		Features: &libvirtxml.DomainFeatureList{ACPI: &libvirtxml.DomainFeature{}, APIC: &libvirtxml.DomainFeatureAPIC{}},
		CPU:      s.processor(),
		Devices: &libvirtxml.DomainDeviceList{RNGs: []libvirtxml.DomainRNG{{
			Model: "virtio", Backend: &libvirtxml.DomainRNGBackend{Random: &libvirtxml.DomainRNGBackendRandom{Device: "/dev/urandom"}},
		}}},
	}
}

// processor is the host's own; emulation takes the one that it is best at.
func (s *session) processor() *libvirtxml.DomainCPU {
	if s.settings.domainType == "qemu" {
		return nil
	}
	return &libvirtxml.DomainCPU{Mode: "host-passthrough"}
}

// bodyOf takes from a prepared machine its resources and the parts that a copy may have too. It leaves out what ties a
// machine to its surroundings: its network cards above all, for a headnode stands on its project's networks and no other;
// devices and folders of the host; and the ways to it that are made anew.
func bodyOf(base *libvirtxml.Domain) *libvirtxml.Domain {
	b := &libvirtxml.Domain{
		Type:          base.Type,
		MaximumMemory: base.MaximumMemory, Memory: base.Memory, CurrentMemory: base.CurrentMemory,
		MemoryTune: base.MemoryTune, MemoryBacking: base.MemoryBacking,
		VCPU: base.VCPU, VCPUs: base.VCPUs, CPUTune: base.CPUTune, NUMATune: base.NUMATune,
		IOThreads: base.IOThreads, IOThreadIDs: base.IOThreadIDs, BlockIOTune: base.BlockIOTune,
		OS: base.OS, Features: base.Features, CPU: base.CPU, Clock: base.Clock, PM: base.PM,
		OnPoweroff: base.OnPoweroff, OnReboot: base.OnReboot, OnCrash: base.OnCrash,
		Devices: &libvirtxml.DomainDeviceList{},
	}
	if b.OS != nil && b.OS.NVRam != nil { // the variables of the firmware are the machine's own
		own := *b.OS
		own.NVRam = nil
		if t := b.OS.NVRam.Template; t != "" {
			own.NVRam = &libvirtxml.DomainNVRam{Template: t}
		}
		b.OS = &own
	}
	if base.Devices == nil {
		return b
	}
	from := base.Devices
	b.Devices = &libvirtxml.DomainDeviceList{
		Emulator: from.Emulator, Controllers: from.Controllers, Videos: from.Videos, Hubs: from.Hubs, Watchdogs: from.Watchdogs,
		MemBalloon: from.MemBalloon, Panics: from.Panics, IOMMUs: from.IOMMUs,
		Inputs: only(from.Inputs, func(i libvirtxml.DomainInput) bool { return i.Type != "evdev" && i.Type != "passthrough" }),
		TPMs:   only(from.TPMs, func(t libvirtxml.DomainTPM) bool { return t.Backend != nil && t.Backend.Emulator != nil }),
		RNGs:   only(from.RNGs, func(r libvirtxml.DomainRNG) bool { return r.Backend != nil && r.Backend.Random != nil }),
	}
	for _, d := range from.Disks {
		if isShared(d) {
			b.Devices.Disks = append(b.Devices.Disks, d)
		}
	}
	return b
}

// only are those that are no device of the host's, nor reached through it.
func only[D any](all []D, own func(D) bool) []D {
	return slices.DeleteFunc(slices.Clone(all), func(d D) bool { return !own(d) })
}

// copyAt is the disk of a machine that starts as a copy of d.
func (d disk) copyAt(path string) libvirtxml.DomainDisk {
	c := libvirtxml.DomainDisk{Device: "disk", Target: &libvirtxml.DomainDiskTarget{Dev: d.target, Bus: "virtio"}}
	if d.like != nil {
		c.Target, c.Boot, c.Address, c.IOTune, c.Geometry, c.BlockIO = d.like.Target, d.like.Boot, d.like.Address, d.like.IOTune, d.like.Geometry, d.like.BlockIO
	}
	c.Driver = &libvirtxml.DomainDiskDriver{Name: "qemu", Type: "qcow2", Discard: "unmap"}
	c.Source = &libvirtxml.DomainDiskSource{File: &libvirtxml.DomainDiskSourceFile{File: path}}
	return c
}

// card is a network card, plugged in as wanted.
func (s *session) card(id string, n headnode.NIC) libvirtxml.DomainInterface {
	card := libvirtxml.DomainInterface{
		MAC:   &libvirtxml.DomainInterfaceMAC{Address: macOf(id, n.Label)},
		Model: &libvirtxml.DomainInterfaceModel{Type: "virtio"},
	}
	s.network.plug(&card, n.VLAN)
	return card
}

// macOf is the address of a card: always the same for the same one, and one of those that anybody may give.
func macOf(id, label string) string {
	sum := sha256.Sum256([]byte(id + " " + label))
	return fmt.Sprintf("02:%02x:%02x:%02x:%02x:%02x", sum[0], sum[1], sum[2], sum[3], sum[4])
}

// newScreen is a screen with a port that is free when the machine starts, and a password that nobody knows yet. VNC takes
// no more than eight characters of one.
func newScreen() *libvirtxml.DomainGraphicVNC {
	var secret [6]byte
	_, _ = rand.Read(secret[:]) // it never fails
	return &libvirtxml.DomainGraphicVNC{
		Port: -1, AutoPort: "yes", Listen: loopback, Passwd: base64.RawURLEncoding.EncodeToString(secret[:]),
	}
}

// markOf is the element that makes the machine one of HaaS.
func markOf(spec headnode.Spec) string {
	m := mark{Image: spec.Image}
	for _, n := range spec.NICs {
		m.NICs = append(m.NICs, markNIC{Label: n.Label, MAC: macOf(spec.ID, n.Label)})
	}
	text, err := xml.Marshal(m)
	if err != nil {
		panic(err) // strings can always be written
	}
	return string(text)
}
