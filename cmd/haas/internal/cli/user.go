package cli

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

func userNoun() noun {
	return noun{
		name: "user", short: "Who may log in", group: groupSite,
		leaves: []leaf{
			{use: "list", short: "List all users", run: func(ctx context.Context, c *call) error {
				return show(c, printUsers)(c.UserList(ctx))
			}},
			{use: "create USER", short: "Create a user", old: "user_create", run: createUser, flags: func(f *pflag.FlagSet) {
				f.Bool("admin", false, "the user is an administrator")
				SecretFlags(f)
			}},
			{use: "delete USER", short: "Delete a user", run: func(ctx context.Context, c *call) error {
				return c.done(c.UserDelete(ctx, c.arg("USER")))
			}},
			{use: "set-admin USER admin|regular", short: "Make a user an administrator, or no longer one", run: func(ctx context.Context, c *call) error {
				to := client.UserAdmin{IsAdmin: c.arg("admin|regular") == "admin"}
				return c.done(c.UserSetAdmin(ctx, c.arg("USER"), to))
			}},
		},
		nouns: []noun{{name: "project", short: "What users are members of", leaves: []leaf{
			{use: "add USER PROJECT", short: "Make a user a member of a project", run: func(ctx context.Context, c *call) error {
				return c.done(c.UserAddProject(ctx, c.arg("USER"), client.UserProject{Project: c.arg("PROJECT")}))
			}},
			{use: "remove USER PROJECT", short: "End a user's membership of a project", run: func(ctx context.Context, c *call) error {
				return c.done(c.UserRemoveProject(ctx, c.arg("USER"), client.UserProject{Project: c.arg("PROJECT")}))
			}},
		}}},
	}
}

func createUser(ctx context.Context, c *call) error {
	password, err := Secret(c.env, c.flags, "Password of "+c.arg("USER"))
	if err != nil {
		return err
	}
	return c.done(c.UserCreate(ctx, c.arg("USER"), client.UserCreation{Password: &password, IsAdmin: new(c.is("admin"))}))
}

func printUsers(t *table, users map[string]client.User) {
	t.row("USER", "ROLE", "PROJECTS")
	for _, name := range labels(users) {
		role := "regular"
		if users[name].IsAdmin {
			role = "admin"
		}
		t.row(name, role, list(users[name].Projects))
	}
}
