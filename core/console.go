package core

// Console is what all servers know of a node's serial console.
type Console struct {
	NodeID int64 `bun:"node_id,pk"`
	// Term counts the owners that the node has had, nobody included. What it prints in one term is not shown in another.
	Term int64
	// LogID names the log of its output, which is kept while nobody watches; empty if the owner wants none.
	LogID string `bun:"log_id"`
	// Server has the console open, as long as it gives signs of life; empty if none has.
	Server string
	// Closing asks that server to close it.
	Closing bool
}

// ConsoleServer is a server that has consoles open.
type ConsoleServer struct {
	Name string `bun:"name,pk"`
	// Address is where other servers reach it, as an URL; empty if they cannot.
	Address string
	// Until is when it counts as dead, by the database's clock.
	Until int64
}
