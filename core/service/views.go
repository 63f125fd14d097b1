package service

import (
	"encoding/json"
	"time"

	"github.com/CCI-MOC/haas/core/console"
)

// DriverSettings is a device as a caller registers it: a driver's type URL and the settings beside it.
type DriverSettings struct {
	// Type is the type URL.
	Type string
	// Settings are the other members of the object; they contain secrets.
	Settings map[string]json.RawMessage
}

// Page narrows a list: the labels that come after After, Limit of them at most. Zero values narrow nothing.
type Page struct {
	After string
	Limit int
}

// NodeFilter narrows a list of nodes. Its zero value narrows nothing.
type NodeFilter struct {
	// Free keeps the nodes without a project.
	Free bool
	// Metadata, LABEL or LABEL=VALUE, keeps the nodes with such a note.
	Metadata string
}

// Access says who may connect to a new network: everybody, or the named projects.
type Access struct {
	Public   bool
	Projects []string
}

// ConsoleLog is how the log of a node's console is.
type ConsoleLog struct {
	// Enabled says that the node's owner wants it.
	Enabled bool
	console.Log
}

// Node is what show_node tells. Project is empty while the node is free.
type Node struct {
	Name     string
	Project  string
	NICs     []NIC
	Metadata map[string]string
	// Cabling says that Port and Switch of the NICs are for this caller to see.
	Cabling bool
}

// NIC is a network card of a Node.
type NIC struct {
	Label   string
	MACAddr string
	// Networks are the attached networks by channel.
	Networks map[string]string
	// Port and Switch say where the cable goes; empty if nowhere.
	Port   string
	Switch string
}

// Network is what show_network tells. Owner is "admin" for an administrator's network.
type Network struct {
	Name     string
	Channels []string
	Owner    string
	Public   bool
	Access   []string
	// ConnectedNodes are the NICs on the network by node, as far as the caller may see them.
	ConnectedNodes map[string][]string
}

// NetworkSummary is one network in list_networks.
type NetworkSummary struct {
	Name     string
	VLAN     int
	Public   bool
	Projects []string
}

// Attachment is one node on a network, in list_network_attachments.
type Attachment struct {
	Node, NIC, Channel, Project string
}

// Switch is what show_switch tells. Settings are never part of it.
type Switch struct {
	Name         string
	Type         string
	Ports        []string
	Capabilities []string
	// UnsavedSince is when the running configuration began to differ from the saved one, in milliseconds since 1970; 0 if it does not.
	UnsavedSince int64
	// LastError is what the last visit in vain said, empty if the last one went well.
	LastError string
}

// Port is what show_port tells. Node is empty if no NIC is connected.
type Port struct {
	Node, NIC string
	Networks  map[string]string
}

// Carried is what a port carries, or should carry.
type Carried struct {
	// Native is the VLAN of untagged frames, 0 if they go nowhere.
	Native int
	// Tagged are the VLANs carried with a tag, ascending.
	Tagged []int
	// Up says that the port is administratively up.
	Up bool
}

// PortState is a port's wanted state against what the running configuration of its switch says now.
type PortState struct {
	// Port is the label, DeviceName the device's own name of the port.
	Port, DeviceName string
	// Node and NIC are what the port is cabled to, empty if nothing is.
	Node, NIC string
	// Wanted is what the port should carry once its pending action is done; nil while the port is not the server's to
	// keep, because no NIC was ever connected to it.
	Wanted *Carried
	// Running is what the running configuration says; nil if the switch does not have the port, and Error says so.
	Running *Carried
	Error   string
	// InOrder says that the switch has the port, and that it carries just what is wanted, if anything is.
	InOrder bool
	// Difference says in words what is not in order, empty if all is.
	Difference string
	// Pending says that an action or a change of the port is under way, so that a difference is no surprise.
	Pending bool
}

// SwitchCheck is all ports of a switch, wanted against running.
type SwitchCheck struct {
	Switch string
	// InOrder says that every port is.
	InOrder bool
	// UnsavedSince and LastError are those of Switch.
	UnsavedSince int64
	LastError    string
	// Ports are sorted by label.
	Ports []PortState
}

// SwitchTest is a switch that was reached, let the server in and showed its ports.
type SwitchTest struct {
	Switch string
	// Listed says that Ports could be asked for: not every driver can list them.
	Listed bool
	// Ports are those of the device, in its order and with its names.
	Ports []string
	// Missing are the labels of the registered ports that the device does not have; they are known also if not Listed.
	Missing []string
}

// Plan is what a change would send to a switch now, for one port.
type Plan struct {
	Switch string
	// Port is the label.
	Port string
	// Lines are the exact lines or calls, in order; none if the port shows what is wanted already.
	Lines []string
}

// Action is what show_networking_action tells.
type Action struct {
	Status     string
	Node       string
	NIC        string
	Type       string
	Channel    string
	NewNetwork string
	Error      string
}

// Headnode is what show_headnode tells. VNCPort is 0 while it has no screen. Host is empty unless it is for this caller to
// see, and there are several.
type Headnode struct {
	Name    string
	Project string
	HNICs   []string
	VNCPort int
	UUID    string
	BaseImg string
	Host    string
}

// HNIC is a NIC of a headnode, and the network it is on, "" if none.
type HNIC struct{ Label, Network string }

// HeadnodeHostState is how a host of headnodes is.
type HeadnodeHostState struct {
	// Name is its URI, empty for the one host that there is.
	Name string
	// Known says that Capacity and Used are. They are the memory that headnodes may have there, and that they have, in MiB.
	Known          bool
	Capacity, Used int64
	// Error is why it cannot be used, empty if it can, and Since when that was first noticed.
	Error string
	Since time.Time
}

// HeadnodeDebt is the machine of a deleted headnode that its host has not confirmed to be gone.
type HeadnodeDebt struct {
	Machine string
	// Host is the URI of the host it was made on, empty if that has none.
	Host string
	// Headnode and Project are the labels of the headnode that was deleted and of its project.
	Headnode, Project string
	// Networks are those that the machine may still be on.
	Networks []string
	// Since is when the headnode was deleted, and RetryAt when it is tried again, in milliseconds since 1970.
	Since, RetryAt int64
	// Tries counts the attempts to remove the machine; LastError is what came of the last one.
	Tries     int
	LastError string
}

// NodePower is one node in the list of what the power of nodes was last seen to be. Project is empty while the node is free.
type NodePower struct {
	Node    string
	Project string
	// Power is "on", "off" or "unknown", and Error why it is unknown, empty if it is not.
	Power string
	Error string
	// Asked says that the controller was asked, and Age how long ago it answered or was given up.
	Asked bool
	Age   time.Duration
}

// User is one user in list_users.
type User struct {
	Name     string
	IsAdmin  bool
	Projects []string
}
