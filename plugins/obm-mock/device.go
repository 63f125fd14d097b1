package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// device is a mock controller and its node as their file has them.
type device struct {
	Host       string         `json:"host"`
	On         bool           `json:"on"`
	BootDevice obm.BootDevice `json:"boot_device"`
	// NextBoot is what the node boots from the next time instead, empty if nothing was chosen.
	NextBoot obm.BootDevice `json:"next_boot,omitempty"`
	// LampUntil is when the identification lamp goes out, in seconds since 1970.
	LampUntil int64 `json:"lamp_until,omitempty"`
	// Boots counts how often the node came up, Cycles the calls of PowerCycle.
	Boots  int `json:"boots"`
	Cycles int `json:"cycles"`
}

// newDevice is a node as it leaves the factory: off, with no choice of boot device.
func newDevice(host string) *device { return &device{Host: host, BootDevice: obm.BootNone} }

func (d *device) power() obm.Power {
	if d.On {
		return obm.PowerOn
	}
	return obm.PowerOff
}

// powerOn gives what the node then prints.
func (d *device) powerOn() string {
	if d.On {
		return ""
	}
	d.On = true
	d.Boots++
	from := cmp.Or(d.NextBoot, d.BootDevice)
	d.NextBoot = ""
	return d.bootLogOf(from)
}

func (d *device) powerOff() string {
	if !d.On {
		return ""
	}
	d.On = false
	return "\r\n[   42.000000] reboot: Power down\r\n"
}

func (d *device) cycle(force bool) string {
	said := d.powerOff()
	if force && said != "" {
		said = "\r\n[   42.000000] Processor reset\r\n"
	}
	d.choose(obm.BootPXE)
	d.Cycles++
	return said + d.powerOn()
}

// choose makes the node boot from dev always; a choice for the next time is forgotten.
func (d *device) choose(dev obm.BootDevice) { d.BootDevice, d.NextBoot = dev, "" }

// chooseNext makes the node boot from dev the next time, and then as always.
func (d *device) chooseNext(dev obm.BootDevice) {
	d.NextBoot = dev
	if dev == obm.BootNone {
		d.NextBoot = ""
	}
}

// bootLog is what the node prints while it comes up from the device that it always boots from.
func (d *device) bootLog() string { return d.bootLogOf(d.BootDevice) }

// bootLogOf is what the node prints while it comes up, with the prompt at its end.
func (d *device) bootLogOf(from obm.BootDevice) string {
	lines := []string{
		"",
		fmt.Sprintf("Mock BIOS: boot number %d, boot device %s", d.Boots, from),
		"[    0.000000] Linux version 6.1.0-mock (haas@mock) #1 SMP",
		"[    0.000000] Command line: console=ttyS0,115200n8",
		"[    0.012345] Memory: 8048576K/8388608K available",
		"[    0.250000] smp: Brought up 1 node, 4 CPUs",
		"[    0.700000] Serial: 8250/16550 driver, 4 ports, IRQ sharing enabled",
		"[    1.100000] eth0: link up, 10000 Mbit/s, full duplex",
		"[    1.900000] Run /sbin/init as init process",
		"",
		d.Host + " ttyS0",
		"",
	}
	return strings.Join(lines, "\r\n") + mock.Prompt
}
