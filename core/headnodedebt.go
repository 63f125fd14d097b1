package core

// HeadnodeDebt is the machine of a deleted headnode, which its host has not confirmed to be gone. The networks it may be on
// stay as they are until then.
type HeadnodeDebt struct {
	// Machine is the machine's name on its host.
	Machine string `bun:"machine,pk"`
	// Host is the URI of the host it was made on, empty if that has none.
	Host string
	// Headnode and Project are the labels of the headnode that was deleted and of its project.
	Headnode, Project string
	// ProjectID is 0 if the project has been deleted since.
	ProjectID int64 `bun:"project_id,nullzero"`
	// Since is when the headnode was deleted. All times are the database's.
	Since int64
	// Tries counts the attempts to remove the machine; LastError is what came of the last one.
	Tries     int
	LastError string
	// RetryAt is when it is tried again.
	RetryAt int64
}
