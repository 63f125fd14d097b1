package core

// Switch is a registered switch.
type Switch struct {
	ID    int64 `bun:"id,pk,autoincrement"`
	Label string
	// Type is the driver's type URL.
	Type string
	// Settings is the driver's JSON object of settings, without "type".
	Settings Settings
}

// Port is a switchport in the server's care. Whatever the device is to show on it follows from the NIC it is cabled
// to: its attachments and its pending action; nothing, if there are none.
type Port struct {
	ID       int64 `bun:"id,pk,autoincrement"`
	SwitchID int64 `bun:"switch_id"`
	// Label is the name the operator gave.
	Label string
	// DeviceName is the device's own name of the port.
	DeviceName string
	// WantedGen counts the changes of what the port should carry; SeenGen is the last one seen on the device.
	// While they differ, the switch's lane has work with the port.
	WantedGen int64
	SeenGen   int64
	// Attempts counts the visits in vain since the last change; RetryAt is when the next one is due.
	Attempts int
	RetryAt  int64
	// LastError is what the last visit in vain said.
	LastError string
}

// Settled reports whether the device was seen to carry what it should.
func (p Port) Settled() bool { return p.SeenGen >= p.WantedGen }

// PortVLAN says that a port may carry a VLAN: written before the device is told, removed only when the device was
// seen without it. No network gets a VLAN that stands here.
type PortVLAN struct {
	PortID int64 `bun:"port_id,pk"`
	VLAN   int   `bun:"vlan,pk"`
}

// ActionStatus is the state of a networking action.
type ActionStatus string

// The states of an action.
const (
	Pending ActionStatus = "PENDING"
	Done    ActionStatus = "DONE"
	Failed  ActionStatus = "ERROR"
)

// ActionType is what a networking action does.
type ActionType string

// The types of actions.
const (
	ModifyPort ActionType = "modify_port"
	RevertPort ActionType = "revert_port"
)

// Action is a wish to change what a NIC's port carries. It names its objects by label too, for they may be gone when
// somebody asks how it ended.
type Action struct {
	ID     int64  `bun:"id,pk,autoincrement"`
	UUID   string `bun:"uuid"`
	NICID  int64  `bun:"nic_id,nullzero"`
	NodeID int64  `bun:"node_id,nullzero"`
	Node   string
	NIC    string `bun:"nic"`
	Type   ActionType
	// NetworkID is the network to connect, 0 to detach; it is cleared when the action ends.
	NetworkID int64 `bun:"network_id,nullzero"`
	// NewNetwork is the label of the network to connect, empty to detach.
	NewNetwork string
	// Channel is what is connected or cleared; empty for a revert.
	Channel string
	Status  ActionStatus
	// Error is the device's words, if the action failed.
	Error      string
	CreatedAt  int64
	FinishedAt int64 `bun:"finished_at,nullzero"`
}

// Lane is one server's right to speak to a switch.
type Lane struct {
	SwitchID int64 `bun:"switch_id,pk"`
	// Owner is the server that holds the lane until Until; Fence grows with every change of owner, and of the switch's
	// settings.
	Owner string
	Until int64
	Fence int64
	// Failures counts the visits in a row that did not reach the switch; RetryAt is when the next is due.
	Failures int
	RetryAt  int64
	// LastError is what the last visit in vain said.
	LastError string
	// UnsavedSince is when the running configuration began to differ from the saved one, 0 if it does not.
	UnsavedSince int64 `bun:"unsaved_since,nullzero"`
	// CheckedAt is when all ports were last held against the running configuration, 0 if that is due.
	CheckedAt int64 `bun:"checked_at,scanonly"`
}

// Question is something that somebody wants to know of a switch now. Whoever holds the switch's lane answers it.
type Question struct {
	ID       int64 `bun:"id,pk,autoincrement"`
	SwitchID int64 `bun:"switch_id"`
	// What is the question, as the lanes read it.
	What string
	// Until is when nobody waits any more, by the database's clock; LeftMS is how many milliseconds that is from now.
	Until  int64
	LeftMS int64 `bun:"left_ms,scanonly"`
	// Answered says that Answer is there.
	Answered bool
	Answer   string
}
