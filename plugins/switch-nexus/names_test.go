// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"

	"github.com/CCI-MOC/haas/sdk"
)

func TestPortNames(t *testing.T) {
	t.Parallel()
	for port, want := range map[string]string{
		"Ethernet1/12": "Ethernet1/12", "ethernet 1/12": "Ethernet1/12", "Eth1/12": "Ethernet1/12", "e1/1": "Ethernet1/1",
		"ETHERNET 101/1/48": "Ethernet101/1/48", "Eth101/1/1": "Ethernet101/1/1",
	} {
		if got, err := canonicalPort(port); err != nil || got != want {
			t.Errorf("%q: %q, %v", port, got, err)
		}
	}
	for _, port := range []string{
		"", "1/1", "Ethernet1", "Ethernet01/2", "Ethernet1/02", "Ethernet1/0", "Ethernet1/1/1/1", "Ethernet  1/1", "Ethernet1/1000",
		"port-channel24", "Po24", "Vlan1", "mgmt0", "gi1/0/1", "ethernett1/1", "Ethernet1/1-4", "Ethernet1/1, Ethernet1/2", " Ethernet1/1",
		"Ethernet1/1.100", "Ethernet1/1\n",
	} {
		if got, err := canonicalPort(port); err == nil || sdk.CodeOf(err) != sdk.Invalid {
			t.Errorf("%q: %q, %v", port, got, err)
		}
	}
}

func TestEnterPorts(t *testing.T) {
	t.Parallel()
	for want, ports := range map[string][]string{
		"interface Ethernet1/7":                                      {"Ethernet1/7"},
		"interface Ethernet1/1-4, Ethernet1/7":                       {"Ethernet1/1", "Ethernet1/2", "Ethernet1/3", "Ethernet1/4", "Ethernet1/7"},
		"interface Ethernet1/48, Ethernet101/1/1-2, Ethernet102/1/3": {"Ethernet1/48", "Ethernet101/1/1", "Ethernet101/1/2", "Ethernet102/1/3"},
		"interface Ethernet1/9, Ethernet1/8":                         {"Ethernet1/9", "Ethernet1/8"},
	} {
		if got := enterPorts(ports); got != want {
			t.Errorf("%q: %q, want %q", ports, got, want)
		}
	}
}

func FuzzCanonicalPort(f *testing.F) {
	f.Add("ethernet 1/12")
	f.Fuzz(func(t *testing.T, port string) {
		own, err := canonicalPort(port)
		if err != nil {
			return
		}
		if again, err := canonicalPort(own); err != nil || again != own {
			t.Fatalf("%q became %q became %q, %v", port, own, again, err)
		}
	})
}
