package core

// Node is a physical machine. ProjectID is 0 while it is free.
type Node struct {
	ID        int64 `bun:"id,pk,autoincrement"`
	Label     string
	ProjectID int64 `bun:"project_id,nullzero"`
	// OBMType is the type URL of the node's out-of-band controller.
	OBMType string `bun:"obm_type"`
	// OBMSettings is the controller's JSON object of settings, without "type".
	OBMSettings Settings `bun:"obm_settings"`
	// OBMEnabled is false while out-of-band calls are switched off.
	OBMEnabled bool `bun:"obm_enabled"`
}

// Metadata is a note on a node: any JSON value under a label.
type Metadata struct {
	NodeID int64  `bun:"node_id,pk"`
	Label  string `bun:"label,pk"`
	// Value is JSON text.
	Value string
}

// NIC is a network card of a node. PortID is 0 while no cable is registered.
type NIC struct {
	ID      int64 `bun:"id,pk,autoincrement"`
	NodeID  int64 `bun:"node_id"`
	Label   string
	MACAddr string `bun:"mac_addr"`
	PortID  int64  `bun:"port_id,nullzero"`
}

// Settings is a driver's JSON object of settings. It contains secrets and does not print itself.
type Settings string

// String hides the settings from logs and error texts.
func (Settings) String() string { return "[settings]" }

// GoString hides the settings from %#v.
func (Settings) GoString() string { return "[settings]" }
