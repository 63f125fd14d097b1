package main

import (
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
	return d.bootLog()
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
	d.BootDevice = obm.BootPXE
	d.Cycles++
	return said + d.powerOn()
}

// bootLog is what the node prints while it comes up, with the prompt at its end.
func (d *device) bootLog() string {
	lines := []string{
		"",
		fmt.Sprintf("Mock BIOS: boot number %d, boot device %s", d.Boots, d.BootDevice),
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
