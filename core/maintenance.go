package core

// MaintenanceNotice is a POST to the maintenance service that is still owed.
type MaintenanceNotice struct {
	ID        int64 `bun:"id,pk,autoincrement"`
	Node      string
	URL       string `bun:"url"`
	CreatedAt int64
	Attempts  int
	RetryAt   int64
	LastError string
}
