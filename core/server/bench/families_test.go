package bench_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
)

const typeURLs = "http://schema.massopencloud.org/haas/v0/switches/"

// family is a kind of real switches, with the fewest lines that do on it what HaaS does, and show that it is done.
type family struct {
	name string
	// typeURL is what it is registered with, and more are its settings beside the common ones.
	typeURL, more string
	// port is the device's name of its n-th port.
	port func(n int) string
	// simulate makes a device.
	simulate func(consoletest.Options) consoletest.Switch
	// configure leads from exec mode, where every session begins, to configuration.
	configure string
	// end are the lines after a change, create those that make VLANs.
	end    []string
	create func(list string) []string
	// enter leads to the ports from the first to the last, and show shows them.
	enter, show func(first, last int) string
	// put are the lines that put a closed port on a VLAN, and take those that take it off a port that is shut.
	put  func(vlan int) []string
	take []string
}

func nexus() family {
	const ports = "Ethernet1/"
	return family{
		name: "nexus", typeURL: typeURLs + "nexus", more: `, "dummy_vlan": 2222`,
		port:      func(n int) string { return fmt.Sprint(ports, n) },
		simulate:  func(o consoletest.Options) consoletest.Switch { return nexus5k.New(o) },
		configure: "configure terminal",
		create:    func(list string) []string { return []string{"vlan " + list} },
		enter:     func(first, last int) string { return "interface " + span(ports, first, last) },
		show:      func(first, last int) string { return "show running-config interface " + span(ports, first, last) },
		put: func(vlan int) []string {
			return []string{fmt.Sprint("switchport trunk native vlan ", vlan), fmt.Sprint("switchport trunk allowed vlan add ", vlan)}
		},
		take: []string{"switchport trunk allowed vlan none", "switchport trunk native vlan 2222"},
	}
}

// powerconnect is left in exec mode: whoever configures it may lock others out.
func powerconnect() family {
	const ports = "gi1/0/"
	return family{
		name: "powerconnect", typeURL: typeURLs + "powerconnect55xx",
		port:      func(n int) string { return fmt.Sprint(ports, n) },
		simulate:  func(o consoletest.Options) consoletest.Switch { return powerconnect55.New(o) },
		configure: "configure", end: []string{"end"},
		create: func(list string) []string { return []string{"vlan database", "vlan " + list, "exit"} },
		enter: func(first, last int) string {
			if first == last {
				return "interface " + span(ports, first, last)
			}
			return "interface range " + span(ports, first, last)
		},
		show: func(int, int) string { return "show running-config" },
		put: func(vlan int) []string {
			return []string{fmt.Sprint("switchport trunk allowed vlan add ", vlan), fmt.Sprint("switchport trunk native vlan ", vlan)}
		},
		take: []string{"switchport trunk native vlan none", "switchport trunk allowed vlan none"},
	}
}

func span(ports string, first, last int) string {
	if first == last {
		return fmt.Sprint(ports, first)
	}
	return fmt.Sprintf("%s%d-%d", ports, first, last)
}

// connecting are the fewest lines that put the first n ports, which are closed, on VLANs: equal blocks of them, in order.
// The VLANs need not be created if they are known to be there.
func (f family) connecting(n int, vlans []int, known bool) []string {
	lines := []string{f.configure}
	if !known {
		lines = append(lines, f.create(strings.ReplaceAll(strings.Trim(fmt.Sprint(vlans), "[]"), " ", ","))...)
	}
	for i, vlan := range vlans {
		lines = append(lines, f.enter(blocked(i, n, len(vlans))+1, blocked(i+1, n, len(vlans))))
		lines = append(lines, f.put(vlan)...)
	}
	if len(vlans) > 1 {
		lines = append(lines, f.enter(1, n))
	}
	return slices.Concat(lines, []string{"no shutdown"}, f.end, []string{f.show(1, n)})
}

// blocked is how many of n ports are in the first i of k blocks.
func blocked(i, n, k int) int { return i * n / k }

// detaching are the fewest lines that close the first n ports.
func (f family) detaching(n int) []string {
	return slices.Concat([]string{f.configure, f.enter(1, n), "shutdown"}, f.take, f.end, []string{f.show(1, n)})
}

// closing are lines that close the first n ports as they come from the factory.
func (f family) closing(n int) []string {
	return slices.Concat([]string{f.configure, f.enter(1, n), "shutdown", "switchport mode trunk"}, f.take)
}

// prove fails if the lines do not do on a device what they should.
func (f family) prove(b *testing.B, n int, vlans []int) {
	b.Helper()
	sw := f.simulate(consoletest.Options{Ports: n})
	defer func() { _ = sw.Close() }() // it has nothing to write
	must(b, sw.Type(f.closing(n)...))
	must(b, sw.Type(f.connecting(n, vlans, false)...))
	for i, vlan := range vlans {
		for port := blocked(i, n, len(vlans)) + 1; port <= blocked(i+1, n, len(vlans)); port++ {
			must(b, carries(sw, f.port(port), vlan))
		}
	}
	must(b, sw.Type(f.detaching(n)...))
	for port := range n {
		must(b, carries(sw, f.port(port+1), 0))
	}
}

// carries wants a port to carry just one VLAN, without tags; 0 is nothing.
func carries(sw consoletest.Switch, port string, vlan int) error {
	if got := sw.Carried(port); !got.Equal(consoletest.Carried{Native: vlan}) {
		return fmt.Errorf("%s carries %+v, want VLAN %d without tags", port, got, vlan)
	}
	return nil
}
