package config

import "slices"

// BridgedVLANs are the VLANs that a host with network = bridges has bridges for, ascending, and 0, whose bridge leads nowhere.
// It is an error if headnodes stand on VLANs in another way, or it is not said where the VLANs come from.
func (c *Config) BridgedVLANs() ([]int, error) {
	if c.Headnode.Network == openVSwitch {
		return nil, c.HeadnodeError("network", "is openvswitch, which needs no bridges of VLANs; they are for bridges")
	}
	if c.Headnode.TrunkNIC == "" {
		return nil, c.HeadnodeError("trunk_nic", "is missing; name the host's NIC that carries the VLANs")
	}
	vlans := slices.AppendSeq([]int{0}, c.Network.VLANs.All())
	vlans = slices.Sorted(slices.Values(slices.AppendSeq(vlans, c.Headnode.TrunkVLANs.All())))
	return slices.Compact(vlans), nil
}
