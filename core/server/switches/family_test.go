package switches_test

import (
	"fmt"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
)

const types = "http://schema.massopencloud.org/haas/v0/switches/"

// family is a kind of switch.
type family struct {
	name string
	// typeURL is what it is registered with, and more are its settings beside the common ones.
	typeURL, more string
	// port is the device's name of its n-th port.
	port func(n int) string
	// channel is a port-channel, and create are the lines in configuration mode that make a VLAN exist.
	channel string
	create  func(vlan int) []string
	// fill are lines in configuration mode after which what the server reads has more than a page.
	fill func() []string
	// simulate makes a device.
	simulate func(consoletest.Options) consoletest.Switch
}

func nexus() family {
	return family{
		name: "nexus", typeURL: types + "nexus", more: `, "dummy_vlan": 2222`,
		port:     func(n int) string { return fmt.Sprintf("Ethernet1/%d", n) },
		channel:  "port-channel5",
		create:   func(vlan int) []string { return []string{fmt.Sprintf("vlan %d", vlan)} },
		fill:     remarks,
		simulate: func(o consoletest.Options) consoletest.Switch { return nexus5k.New(o) },
	}
}

func powerconnect() family {
	return family{
		name: "powerconnect", typeURL: types + "powerconnect55xx",
		port:     func(n int) string { return fmt.Sprintf("gi1/0/%d", n) },
		channel:  "Po5",
		create:   func(vlan int) []string { return []string{"vlan database", fmt.Sprintf("vlan %d", vlan), "exit"} },
		fill:     descriptions,
		simulate: func(o consoletest.Options) consoletest.Switch { return powerconnect55.New(o) },
	}
}

// remarks are lines of a Nexus's port, of which alone is read.
func remarks() []string {
	lines := nexus().enter(ownPort)
	for n := range 30 {
		lines = append(lines, fmt.Sprintf("spanning-tree vlan %d cost 4", n+2))
	}
	return lines
}

// descriptions are those of the other ports of a PowerConnect, of which all are read.
func descriptions() []string {
	var lines []string
	for n := range ports {
		lines = append(append(lines, powerconnect().enter(n+1)...), "description rack")
	}
	return lines
}

// enter are the lines in configuration mode that enter a port.
func (f family) enter(n int) []string { return []string{"interface " + f.port(n)} }

// onEach runs a test on a device of each family.
func onEach(t *testing.T, test func(t *testing.T, f family)) {
	t.Helper()
	for _, f := range []family{nexus(), powerconnect()} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			test(t, f)
		})
	}
}
