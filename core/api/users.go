package api

import (
	"context"
	"net/http"
)

// UserCreation is the body of user-create.
type UserCreation struct {
	Password string `json:"password" writeOnly:"true" doc:"The user's password." example:"correct horse battery staple"`
	IsAdmin  bool   `json:"is_admin,omitempty" doc:"Whether the user is an administrator. Older name: is-admin." example:"false"`
}

// UserAdmin is the body of user-set-admin.
type UserAdmin struct {
	IsAdmin bool `json:"is_admin" doc:"Whether the user is an administrator." example:"true"`
}

// UserProject is the body of user-add-project and user-remove-project.
type UserProject struct {
	Project string `json:"project" doc:"Label of the project." example:"p1"`
}

// User is one user in user-list.
type User struct {
	IsAdmin  bool     `json:"is_admin" doc:"Whether the user is an administrator." example:"false"`
	Projects []string `json:"projects" doc:"The projects the user is a member of." example:"p1"`
}

const userPath = "/v0/auth/basic/user/{user}"

func (s *server) users() {
	g := s.group("users", "Who may log in. There are none unless the database backend authenticates.")
	oldNames := map[string]string{"is-admin": "is_admin"}

	query(g, operation{
		id: "user-list", method: http.MethodGet, path: "/v0/auth/basic/users", summary: "List all users, by name", errors: []int{404},
	}, func(ctx context.Context, _ *struct{}) (map[string]User, error) {
		found, err := s.Service.UserList(ctx)
		users := map[string]User{}
		for _, u := range found {
			users[u.Name] = User{IsAdmin: u.IsAdmin, Projects: list(u.Projects)}
		}
		return users, err
	})

	command(g, operation{
		id: "user-create", method: http.MethodPut, path: userPath, summary: "Create a user", errors: []int{404, 409}, oldNames: oldNames,
	}, func(ctx context.Context, in *struct {
		UserPath
		Body UserCreation
	}) error {
		return s.Service.UserCreate(ctx, in.User, in.Body.Password, in.Body.IsAdmin)
	})

	command(g, operation{
		id: "user-delete", method: http.MethodDelete, path: userPath, summary: "Delete a user", errors: []int{404, 409},
	}, func(ctx context.Context, in *UserPath) error { return s.Service.UserDelete(ctx, in.User) })

	command(g, operation{
		id: "user-set-admin", method: http.MethodPatch, path: userPath, summary: "Make a user an administrator, or no longer one",
		description: "Nobody can change this for themselves.", errors: []int{404, 409}, oldNames: oldNames,
	}, func(ctx context.Context, in *struct {
		UserPath
		Body UserAdmin
	}) error {
		return s.Service.UserSetAdmin(ctx, in.User, in.Body.IsAdmin)
	})

	s.memberships(g)
}

func (s *server) memberships(g group) {
	command(g, operation{
		id: "user-add-project", method: http.MethodPost, path: userPath + "/add_project", summary: "Make a user a member of a project", errors: []int{404, 409},
	}, func(ctx context.Context, in *struct {
		UserPath
		Body UserProject
	}) error {
		return s.Service.UserAddProject(ctx, in.User, in.Body.Project)
	})

	command(g, operation{
		id: "user-remove-project", method: http.MethodPost, path: userPath + "/remove_project", summary: "End a user's membership of a project", errors: []int{404},
	}, func(ctx context.Context, in *struct {
		UserPath
		Body UserProject
	}) error {
		return s.Service.UserRemoveProject(ctx, in.User, in.Body.Project)
	})
}
