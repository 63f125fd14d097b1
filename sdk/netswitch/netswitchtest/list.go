package netswitchtest

import (
	"errors"
	"slices"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func listChecks() []check {
	return []check{{Name: "ListPorts names the switch's ports", Run: namesPorts}}
}

func namesPorts(t conformance.T, r *rig) {
	ports, err := r.open(t).(netswitch.PortLister).ListPorts(t.Context())
	if errors.Is(err, &sdk.Error{Code: sdk.Unsupported}) {
		t.Skipf("the driver cannot list the ports of a switch")
	}
	conformance.NoError(t, "ListPorts", err)
	for _, port := range r.Ports {
		if !slices.Contains(ports, port) {
			t.Errorf("ListPorts: port %s is not among %v", port, ports)
		}
	}
	if r.Absent != "" && slices.Contains(ports, r.Absent) {
		t.Errorf("ListPorts: the absent port %s is among %v", r.Absent, ports)
	}
}
