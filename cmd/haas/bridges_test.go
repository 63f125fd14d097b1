package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

const bridgesConfig = `[extensions]
haas.ext.auth.null =
haas.ext.network_allocators.vlan_pool =
[haas.ext.network_allocators.vlan_pool]
vlans = 100-101
[headnode]
trunk_nic = trunk0
`

// bridged is a host with a network of its own, and haas on it.
type bridged struct {
	shell
	net *ovstest.Namespace
}

// haas runs a line of haas, which must succeed with the words or, if status is 1, fail with them.
func (b bridged) haas(t *testing.T, line string, status int, words string) {
	t.Helper()
	var got int
	var out, complaint string
	err := b.net.Do(func() error {
		got, out, complaint = b.run(t, strings.Fields(line)...)
		return nil
	})
	if err != nil || got != status || !strings.Contains([]string{out, complaint}[status], words) {
		t.Errorf("haas %s: exit status %d, want %d and %q\n%s%s%v", line, got, status, words, out, complaint, err)
	}
}

// ip changes the host's links as an operator does.
func (b bridged) ip(t *testing.T, line string) string {
	t.Helper()
	out, err := b.net.Run(context.WithoutCancel(t.Context()), "ip", strings.Fields(line)...)
	if err != nil {
		t.Fatalf("ip %s: %v", line, err)
	}
	return out
}

// wantBridges wants the host to have these bridges and VLANs, and no others.
func (b bridged) wantBridges(t *testing.T, want ...string) {
	t.Helper()
	var names []string
	for line := range strings.Lines(b.ip(t, "-o link")) {
		name, _, _ := strings.Cut(strings.Fields(line)[1], "@")
		if name = strings.TrimSuffix(name, ":"); strings.HasPrefix(name, "br-") || strings.HasPrefix(name, "trunk0.") {
			names = append(names, name)
		}
	}
	if slices.Sort(names); !slices.Equal(names, want) {
		t.Errorf("the host has %v, want %v", names, want)
	}
}

// hostBridges makes and removes the bridges of a host.
func hostBridges(t *testing.T, program string) {
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	ns, err := ovstest.NewMachine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ns.Close() })
	b := bridged{shell{program: program, dir: t.TempDir()}, ns}

	b.write(t, "haas.cfg", bridgesConfig)
	b.haas(t, "create_bridges", 1, `trunk_nic: there is no NIC "trunk0"`)
	b.wantBridges(t)
	b.ip(t, "link add trunk0 type veth peer name far")
	b.haas(t, "create_bridges", 1, "ip link set trunk0 up")
	b.wantBridges(t)
	b.ip(t, "link set trunk0 up")
	b.write(t, "haas.cfg", bridgesConfig+"[devel]\ndry_run =\n")
	b.haas(t, "create_bridges", 0, "stay as they are")
	b.wantBridges(t)
	if _, err := ns.Run(t.Context(), "ip", strings.Fields("link add link trunk0 name trunk0.9 type vlan id 9")...); err == nil {
		b.ip(t, "link del trunk0.9")
		b.write(t, "haas.cfg", bridgesConfig)
		b.haas(t, "create_bridges", 0, "bridges on trunk0: 3, of which 3 are new")
		b.wantBridges(t, "br-vlan0", "br-vlan100", "br-vlan101", "trunk0.100", "trunk0.101")
		b.haas(t, "remove_bridges", 0, "bridges that are removed: 3")
	} else { // this kernel knows no VLANs; in an emulated machine, sdk/headnode/bridges is tried on them
		b.write(t, "haas.cfg", bridgesConfig)
		b.haas(t, "create_bridges", 1, "load the module 8021q")
	}
	b.wantBridges(t)
	b.besideAnOperators(t)
}

// besideAnOperators makes bridges on a host where others have made some, and removes them while one is in use.
func (b bridged) besideAnOperators(t *testing.T) {
	b.ip(t, "link add br-vlan100 type bridge")
	b.ip(t, "link add br-vlan101 type bridge")
	b.haas(t, "create_bridges", 0, "bridges on trunk0: 3, of which 1 are new")
	b.haas(t, "create-bridges", 0, "bridges on trunk0: 3, of which 0 are new")
	b.wantBridges(t, "br-vlan0", "br-vlan100", "br-vlan101")
	b.ip(t, "link set far master br-vlan0") // as a machine is
	b.haas(t, "remove_bridges", 1, "something is plugged into br-vlan0; stop the machines there")
	b.wantBridges(t, "br-vlan0", "br-vlan100", "br-vlan101")
	b.ip(t, "link set far nomaster")
	b.write(t, "haas.cfg", bridgesConfig+"[devel]\ndry_run =\n")
	b.haas(t, "remove_bridges", 0, "stay as they are")
	b.wantBridges(t, "br-vlan0", "br-vlan100", "br-vlan101")
	b.write(t, "haas.cfg", bridgesConfig+"network = openvswitch\nbridge = br0\n")
	b.haas(t, "create_bridges", 1, "haas.cfg:8: [headnode] network: is openvswitch")
	b.haas(t, "remove_bridges", 0, "bridges that are removed: 1")
	b.wantBridges(t, "br-vlan100", "br-vlan101")
}
