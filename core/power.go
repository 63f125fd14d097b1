package core

// PowerUnknown is the state of a node's power that its controller does not tell; else it is "on" or "off".
const PowerUnknown = "unknown"

// Power is what a node's power was seen to be when its controller was asked last.
type Power struct {
	NodeID int64 `bun:"node_id,pk"`
	// State is "on", "off" or PowerUnknown; Error is why it is unknown.
	State, Error string
	// ToldAt is when the controller told it, or was given up; 0 if it was never asked. All times are the database's.
	ToldAt int64
	// DueAt is when it is asked again without anybody wanting to know.
	DueAt int64
	// WantedGen counts the wishes to know the state now; SeenGen is the last one that an answer was later than.
	WantedGen, SeenGen int64
	// ClaimedUntil is until when a server that asks is waited for, 0 if none does. It names the claim too, for no two
	// claims of a node end at the same time.
	ClaimedUntil int64
}
