package drivers

import "time"

// State is what a driver does.
type State string

// The states of a driver.
const (
	// Starting means that it is launched for the first time.
	Starting State = "starting"
	// Running means that it answers.
	Running State = "running"
	// Restarting means that it died and is launched again.
	Restarting State = "restarting"
	// Broken means that it does not come up, or keeps dying; it is tried again now and then.
	Broken State = "broken"
	// Refused means that it is not used until somebody changes the plugin directory.
	Refused State = "refused"

	stopped State = "stopped" // its file is gone, or the manager ends
)

// Status is one driver as an operator sees it.
type Status struct {
	// Name is the name of the driver's file.
	Name string
	// Kind is switch, obm or headnode.
	Kind string
	// Version is the driver's own, empty if it never ran.
	Version string
	// Types are the type URLs it serves, in the driver's order.
	Types []string
	// State is what it does.
	State State
	// Restarts counts the launches after the first one that succeeded.
	Restarts int
	// LastError is the last thing that went wrong, even if it has been mended since.
	LastError string
	// PID is the driver's process, 0 if there is none.
	PID int
	// Since is when State began.
	Since time.Time
}
