package auth

import "context"

// Null is the backend that lets everybody do everything, for trying things out.
type Null struct{}

var _ Authenticator = Null{}

// Authenticate takes everybody for an administrator.
func (Null) Authenticate(context.Context, string, string, bool) (Caller, error) {
	return Caller{Name: "anonymous", Admin: true}, nil
}
