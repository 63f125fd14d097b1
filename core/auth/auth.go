// Package auth says who is calling and what they may do. The table of permissions is in permissions.go, the backends
// that know users in null.go and database.go. It decides nothing about objects: a caller of Check says which projects
// an object belongs to.
package auth

import (
	"context"
	"slices"

	"github.com/CCI-MOC/haas/core"
)

// Caller is who makes a request.
type Caller struct {
	// ID is the user's, 0 for somebody who is not in the database. Unlike the name, nobody else ever gets it.
	ID int64
	// Name is the user's label, empty for somebody unknown.
	Name string
	// Admin may do everything.
	Admin bool
	// Projects are the IDs of the projects the caller is a member of.
	Projects []int64
}

// MemberOf reports whether the caller belongs to one of the projects.
func (c Caller) MemberOf(projects ...int64) bool {
	return slices.ContainsFunc(projects, func(p int64) bool { return p != 0 && slices.Contains(c.Projects, p) })
}

// Authenticator finds out who is calling.
type Authenticator interface {
	// Authenticate takes a name and a password; given is false if the request carried none. An Unauthorized error
	// means that the credentials are wrong, or that some are required.
	Authenticate(ctx context.Context, name, password string, given bool) (Caller, error)
}

type callerKey struct{}

// With puts the caller into a request's context.
func With(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// From is the caller of a request; nobody, who may do next to nothing, if none was put there.
func From(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// Object is what a permission is asked for: whose it is, and whether it is open to all.
type Object struct {
	// Projects are those that own the object or have access to it.
	Projects []int64
	// Open says that the object is for everybody's eyes: a free node, a public network.
	Open bool
}

// Of is the object of one project; of none if the ID is 0.
func Of(project int64) Object { return Object{Projects: []int64{project}} }

// Nothing is the object of a call that is about none.
var Nothing = Object{}

// Check says whether the caller in ctx may make the call on the object; if not, the error is Unauthorized.
func Check(ctx context.Context, call Call, o Object) error {
	c := From(ctx)
	if c.Admin || allowed(c, permissions[call], o) {
		return nil
	}
	return core.Errorf(core.Unauthorized, "you are not permitted to do this (%s)", call)
}

func allowed(c Caller, who permission, o Object) bool {
	switch who {
	case anybody:
		return true
	case members:
		return c.MemberOf(o.Projects...)
	case membersOrOpen:
		return o.Open || c.MemberOf(o.Projects...)
	default:
		return false
	}
}
