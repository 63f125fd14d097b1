package service

import (
	"context"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
)

// accounts refuses the user calls where users are not kept in the database.
func (s *Service) accounts(ctx context.Context, call auth.Call) error {
	if !s.Accounts {
		return core.Errorf(core.NotFound, "this server keeps no users: the authentication backend is not \"database\"")
	}
	return auth.Check(ctx, call, auth.Nothing)
}

// UserList lists the users with their projects, sorted.
func (s *Service) UserList(ctx context.Context) ([]User, error) {
	if err := s.accounts(ctx, "user_list"); err != nil {
		return nil, err
	}
	rows, err := s.Store.AllMemberships(ctx)
	if err != nil {
		return nil, err
	}
	users := []User{}
	for _, r := range rows {
		if len(users) == 0 || users[len(users)-1].Name != r.Label {
			users = append(users, User{Name: r.Label, IsAdmin: r.IsAdmin, Projects: []string{}})
		}
		if last := &users[len(users)-1]; r.Project != "" {
			last.Projects = append(last.Projects, r.Project)
		}
	}
	return users, nil
}

// UserCreate adds a user.
func (s *Service) UserCreate(ctx context.Context, user, password string, isAdmin bool) error {
	if err := s.accounts(ctx, "user_create"); err != nil {
		return err
	}
	if err := core.CheckLabel("user", user); err != nil {
		return err
	}
	if _, err := s.Store.User(ctx, user); core.KindOf(err) != core.NotFound {
		return exists("user", user, err)
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	return s.Store.CreateUser(ctx, core.User{Label: user, IsAdmin: isAdmin, PasswordHash: hash})
}

// UserDelete removes a user.
func (s *Service) UserDelete(ctx context.Context, user string) error {
	return s.onUser(ctx, "user_delete", user, func(ctx context.Context, q store.Queries, u core.User) error {
		return q.DeleteUser(ctx, u.ID)
	})
}

// UserSetAdmin makes somebody else an administrator, or no longer one.
func (s *Service) UserSetAdmin(ctx context.Context, user string, isAdmin bool) error {
	return s.onUser(ctx, "user_set_admin", user, func(ctx context.Context, q store.Queries, u core.User) error {
		if u.Label == auth.From(ctx).Name {
			return core.Errorf(core.IllegalState, "you cannot change your own administrator status; ask another administrator")
		}
		return q.SetUserAdmin(ctx, u.ID, isAdmin)
	})
}

// UserAddProject makes a user a member of a project.
func (s *Service) UserAddProject(ctx context.Context, user, project string) error {
	return s.onUser(ctx, "user_add_project", user, func(ctx context.Context, q store.Queries, u core.User) error {
		p, err := q.Project(ctx, project)
		if err != nil {
			return err
		}
		return q.AddMember(ctx, u.ID, p.ID)
	})
}

// UserRemoveProject ends a user's membership of a project.
func (s *Service) UserRemoveProject(ctx context.Context, user, project string) error {
	return s.onUser(ctx, "user_remove_project", user, func(ctx context.Context, q store.Queries, u core.User) error {
		p, err := q.Project(ctx, project)
		if err != nil {
			return err
		}
		return q.RemoveMember(ctx, u.ID, p.ID)
	})
}

func (s *Service) onUser(ctx context.Context, call auth.Call, user string, fn func(context.Context, store.Queries, core.User) error) error {
	if err := s.accounts(ctx, call); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		u, err := q.User(ctx, user)
		if err != nil {
			return err
		}
		return fn(ctx, q, u)
	})
}
