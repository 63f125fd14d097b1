package core

// Project is a tenant: it owns nodes, networks and headnodes, and users are its members.
type Project struct {
	ID    int64 `bun:"id,pk,autoincrement"`
	Label string
}

// User is somebody who logs in, under the database backend.
type User struct {
	ID    int64 `bun:"id,pk,autoincrement"`
	Label string
	// IsAdmin lets the user do everything.
	IsAdmin bool
	// PasswordHash is in PHC or crypt(3) form.
	PasswordHash string
}

// UserProject makes a user a member of a project.
type UserProject struct {
	UserID    int64 `bun:"user_id,pk"`
	ProjectID int64 `bun:"project_id,pk"`
}
