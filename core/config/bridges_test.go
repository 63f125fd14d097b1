package config_test

import (
	"slices"
	"testing"
)

const pool = "[haas.ext.network_allocators.vlan_pool]\nvlans = 300,100-102\n"

func TestBridgedVLANs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"[headnode]\ntrunk_nic = em3\n", "[headnode]\nnetwork = bridges\ntrunk_nic = em3\n"} {
		vlans, err := mustParse(t, text+pool).BridgedVLANs()
		if want := []int{0, 100, 101, 102, 300}; err != nil || !slices.Equal(vlans, want) {
			t.Errorf("%q: VLANs %v, %v; want %v", text, vlans, err, want)
		}
	}
	vlans, err := mustParse(t, "[headnode]\ntrunk_nic = em3\ntrunk_vlans = 102-103,9\n"+pool).BridgedVLANs()
	if want := []int{0, 9, 100, 101, 102, 103, 300}; err != nil || !slices.Equal(vlans, want) {
		t.Errorf("with more on the trunk: VLANs %v, %v; want %v", vlans, err, want)
	}
	for text, want := range map[string]string{
		"[headnode]\n": "haas.cfg: [headnode] trunk_nic: is missing; name the host's NIC that carries the VLANs",
		"[headnode]\ntrunk_nic = em3\nnetwork = openvswitch\n": "haas.cfg:3: [headnode] network: is openvswitch, which needs no bridges of VLANs; they are for bridges",
	} {
		if vlans, err := mustParse(t, text+pool).BridgedVLANs(); err == nil || err.Error() != want {
			t.Errorf("%q: VLANs %v, %v; want %s", text, vlans, err, want)
		}
	}
}
