// A program cannot be imported, so its tests are inside.

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
)

func TestPortNames(t *testing.T) {
	t.Parallel()
	for port, want := range map[string]string{
		"gi1/0/11": "gi1/0/11", "te1/0/1": "te1/0/1", "GigabitEthernet 1/0/11": "gi1/0/11", "gigabitethernet1/0/11": "gi1/0/11",
		"gi 1/0/11": "gi1/0/11", "GI1/0/11": "gi1/0/11", "TenGigabitEthernet 1/0/2": "te1/0/2", "gi1/11": "gi1/11", "gi01/0/02": "gi1/0/2",
	} {
		if got, err := canonicalPort(port); err != nil || got != want {
			t.Errorf("%q: %q, %v", port, got, err)
		}
	}
	for _, port := range []string{
		"", "gi", "gi1", "1/0/1", "Po1", "fa1/0/1", "Ethernet1/1", "gi1/0/1/2", "gi1/0/1-4", "gi1/0/1,gi1/0/2", "gi1/0/1\nreload",
		"gi  1/0/1", " gi1/0/1", "gi1/0/1 ", "gi1/0/9999", "gi1/0/\u0661",
	} {
		got, err := canonicalPort(port)
		if err == nil || sdk.CodeOf(err) != sdk.Invalid || !strings.Contains(err.Error(), "gi1/0/11") {
			t.Errorf("%q: %q, %v", port, got, err)
		}
	}
}

func FuzzCanonicalPort(f *testing.F) {
	f.Add("gi1/0/1")
	f.Add("TenGigabitEthernet 1/0/2")
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

func TestPortsOfAHeader(t *testing.T) {
	t.Parallel()
	for words, want := range map[string][]string{
		"gigabitethernet1/0/5":                   {"gi1/0/5"},
		"tengigabitethernet1/0/1":                {"te1/0/1"},
		"range gi1/0/1-3,te1/0/2":                {"gi1/0/1", "gi1/0/2", "gi1/0/3", "te1/0/2"},
		"range gigabitethernet1/0/9-10, te1/0/1": {"gi1/0/9", "gi1/0/10", "te1/0/1"},
		"vlan 10":                                nil,
		"port-channel 1":                         nil,
		"range port-channel 1-2":                 nil,
		"oob":                                    nil,
	} {
		if got, err := portsOf(words); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v", words, got, err)
		}
	}
	for _, words := range []string{"range gi1/0/4-1", "range gi1/0/1-x", "range gi1/0/1-", "range gi1/0/1-100000"} {
		if got, err := portsOf(words); err == nil {
			t.Errorf("%q: %q", words, got)
		}
	}
}
