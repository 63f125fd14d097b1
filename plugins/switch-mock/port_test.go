// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"

	"github.com/CCI-MOC/haas/sdk"
)

func TestPortNames(t *testing.T) {
	t.Parallel()
	for port, want := range map[string]string{
		"gi1/0/2": "gi1/0/2", "gi1/0/1000": "gi1/0/1000", "GigabitEthernet 1/0/2": "gi1/0/2", "Gi01/0/02": "gi1/0/2", "te1/0/1": "te1/0/1",
		"ethernet 1/42": "Ethernet1/42", "Ethernet1/1": "Ethernet1/1", "1/0/4": "1/0/4",
	} {
		if got, err := canonicalPort(port); err != nil || got != want {
			t.Errorf("%q: %q, %v", port, got, err)
		}
	}
	for _, port := range []string{"", "gi", "gi1", "xx1/0/1", "gi1/0/1/2", "gi1/0/1\nshutdown", "gi1/0/99999", " 1/0/1", "gi-1/0"} {
		if got, err := canonicalPort(port); sdk.CodeOf(err) != sdk.Invalid || err == nil {
			t.Errorf("%q: %q, %v", port, got, err)
		}
	}
}

func FuzzCanonicalPort(f *testing.F) {
	f.Add("gi1/0/1")
	f.Add("ethernet 1/42")
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
