package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// User finds a user by label.
func (q Queries) User(ctx context.Context, label string) (core.User, error) {
	var u core.User
	err := one(ctx, q.db.NewSelect().Model(&u).Where("label = ?", label), core.Missing("user", label))
	return u, err
}

// Membership is a user with one of the user's projects; ProjectID is 0 for a user without any.
type Membership struct {
	core.User
	ProjectID int64 `bun:"project_id"`
	Project   string
}

// Memberships are a user with all of the user's projects, in one statement; nothing for an unknown user.
func (q Queries) Memberships(ctx context.Context, label string) ([]Membership, error) {
	return q.memberships(ctx, label, false)
}

// AllMemberships are all users with their projects, sorted by user and project.
func (q Queries) AllMemberships(ctx context.Context) ([]Membership, error) {
	return q.memberships(ctx, "", true)
}

func (q Queries) memberships(ctx context.Context, label string, all bool) ([]Membership, error) {
	var found []Membership
	s := q.db.NewSelect().TableExpr("users AS u").
		ColumnExpr("u.id, u.label, u.is_admin, u.password_hash, p.id AS project_id, p.label AS project").
		Join("LEFT JOIN user_projects AS up ON up.user_id = u.id").
		Join("LEFT JOIN projects AS p ON p.id = up.project_id").
		OrderExpr("u.label, p.label")
	if !all {
		s = s.Where("u.label = ?", label)
	}
	return found, translate(s.Scan(ctx, &found))
}

// CreateUser adds a user.
func (q Queries) CreateUser(ctx context.Context, u core.User) error { return q.insert(ctx, &u) }

// DeleteUser removes a user and the user's memberships.
func (q Queries) DeleteUser(ctx context.Context, id int64) error {
	return q.remove(ctx, (*core.User)(nil), id, "user")
}

// SetUserAdmin changes whether the user is an administrator.
func (q Queries) SetUserAdmin(ctx context.Context, id int64, admin bool) error {
	_, err := q.db.NewUpdate().Table("users").Set("is_admin = ?", admin).Where("id = ?", id).Exec(ctx)
	return translate(err)
}

// UpgradePassword replaces a user's hash by a better one of the same password, unless it has changed meanwhile.
func (q Queries) UpgradePassword(ctx context.Context, id int64, from, to string) error {
	_, err := q.db.NewUpdate().Table("users").Set("password_hash = ?", to).
		Where("id = ?", id).Where("password_hash = ?", from).Exec(ctx)
	return translate(err)
}

// AddMember makes a user a member of a project; twice is a Duplicate.
func (q Queries) AddMember(ctx context.Context, user, project int64) error {
	return q.insert(ctx, &core.UserProject{UserID: user, ProjectID: project})
}

// RemoveMember ends a membership.
func (q Queries) RemoveMember(ctx context.Context, user, project int64) error {
	res, err := q.db.NewDelete().Model((*core.UserProject)(nil)).
		Where("user_id = ?", user).Where("project_id = ?", project).Exec(ctx)
	return changed(res, err, core.Errorf(core.NotFound, "the user is not a member of the project"))
}
