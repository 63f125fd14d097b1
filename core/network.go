package core

import (
	"slices"
	"strconv"
)

// MinVLAN and MaxVLAN are the first and the last VLAN id a network may have.
const (
	MinVLAN = 1
	MaxVLAN = 4094
)

// NativeChannel is the channel of untagged frames, and the default one.
const NativeChannel = "vlan/native"

// Network is an isolated layer-2 network: a VLAN on the switches. OwnerID is 0 if an administrator owns it.
type Network struct {
	ID      int64 `bun:"id,pk,autoincrement"`
	Label   string
	OwnerID int64 `bun:"owner_id,nullzero"`
	// Public networks are open to every project. An empty access list alone does not open a network.
	Public bool
	// VLAN is the network's VLAN id. No two networks have the same.
	VLAN int `bun:"vlan"`
	// Allocated says that the VLAN came from the pool, not from the administrator.
	Allocated bool
}

// TaggedChannel is the network's own channel, on which its frames carry its VLAN tag.
func (n Network) TaggedChannel() string { return "vlan/" + strconv.Itoa(n.VLAN) }

// Channels are all channels the network may be connected on.
func (n Network) Channels() []string { return []string{NativeChannel, n.TaggedChannel()} }

// CheckChannel says whether the network may be connected on the channel.
func (n Network) CheckChannel(channel string) error {
	if slices.Contains(n.Channels(), channel) {
		return nil
	}
	return FieldErrorf(BadArgument, "channel", "%q is not a channel of network %s; its channels are %s and %s",
		channel, n.Label, NativeChannel, n.TaggedChannel())
}

// NetworkAccess lets a project connect to a network.
type NetworkAccess struct {
	NetworkID int64 `bun:"network_id,pk"`
	ProjectID int64 `bun:"project_id,pk"`
}

// Attachment is a network on a NIC, as last seen on the switch.
type Attachment struct {
	NICID     int64 `bun:"nic_id,pk"`
	NetworkID int64 `bun:"network_id,pk"`
	Channel   string
}

// Headnode is a virtual machine of a project on its networks.
type Headnode struct {
	ID        int64 `bun:"id,pk,autoincrement"`
	Label     string
	ProjectID int64  `bun:"project_id"`
	BaseImg   string `bun:"base_img"`
	UUID      string `bun:"uuid"`
	// Host is where its machine is, chosen at the first start: its URI, empty if it has none. It means nothing before.
	Host string `bun:"host,scanonly"`
	// Frozen says that the machine was started once: its NICs no longer change.
	Frozen bool
}

// MachineID is the name of the headnode's virtual machine on its host.
func (h Headnode) MachineID() string { return "headnode-" + h.UUID }

// HNIC is a network card of a headnode. NetworkID is 0 while it is on none.
type HNIC struct {
	ID         int64 `bun:"id,pk,autoincrement"`
	HeadnodeID int64 `bun:"headnode_id"`
	Label      string
	NetworkID  int64 `bun:"network_id,nullzero"`
}
