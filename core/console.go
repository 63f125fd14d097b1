package core

// Console is what all servers know of a node's serial console.
type Console struct {
	NodeID int64 `bun:"node_id,pk"`
	// Term counts the owners that the node has had, nobody included, and the times they had all forgotten. What it prints in
	// one term is not shown in another.
	Term int64
	// LogID names the log of its output, which is kept while nobody watches; empty if the owner wants none.
	LogID string `bun:"log_id"`
	// Server has the console open, as long as it gives signs of life; empty if none has.
	Server string
	// ClosedUntil is the time, by the database's clock, until which it is to be closed wherever it is open, and not opened
	// anywhere. Closing says that this is now.
	ClosedUntil int64
	Closing     bool `bun:"closing,scanonly"`
}

// ConsoleServer is a server that has consoles open.
type ConsoleServer struct {
	Name string `bun:"name,pk"`
	// Address is where other servers reach it, as an URL; empty if they cannot.
	Address string
	// Until is when it counts as dead, by the database's clock.
	Until int64
}
