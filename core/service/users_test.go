package service_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/service"
)

func TestUserChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		create := func(u, password string) func(context.Context) error {
			return func(ctx context.Context) error { return w.UserCreate(ctx, u, password, false) }
		}
		remove := func(u string) func(context.Context) error {
			return func(ctx context.Context) error { return w.UserDelete(ctx, u) }
		}
		add := func(u, p string) func(context.Context) error {
			return func(ctx context.Context) error { return w.UserAddProject(ctx, u, p) }
		}
		expel := func(u, p string) func(context.Context) error {
			return func(ctx context.Context) error { return w.UserRemoveProject(ctx, u, p) }
		}
		promote := func(u string) func(context.Context) error {
			return func(ctx context.Context) error { return w.UserSetAdmin(ctx, u, true) }
		}
		try(t,
			attempt{"create a duplicate as member", w.u1, create("alice", ""), core.Unauthorized},
			attempt{"create a duplicate", w.admin, create("alice", ""), core.Duplicate},
			attempt{"create without password", w.admin, create("carol", ""), core.BadArgument},
			attempt{"create with an overlong password", w.admin, create("carol", strings.Repeat("x", 1025)), core.BadArgument},
			attempt{"create with a bad label", w.admin, create("a/b", "x"), core.BadArgument},
			attempt{"create", w.admin, create("carol", "x"), success},
			attempt{"add: missing user as member", w.u1, add("none", "none"), core.Unauthorized},
			attempt{"add: missing user", w.admin, add("none", "none"), core.NotFound},
			attempt{"add: missing project", w.admin, add("carol", "none"), core.NotFound},
			attempt{"add", w.admin, add("carol", "p1"), success},
			attempt{"add twice", w.admin, add("carol", "p1"), core.Duplicate},
			attempt{"remove: missing user as member", w.u1, expel("none", "none"), core.Unauthorized},
			attempt{"remove: missing user", w.admin, expel("none", "none"), core.NotFound},
			attempt{"remove: missing project", w.admin, expel("carol", "none"), core.NotFound},
			attempt{"remove: not a member", w.admin, expel("carol", "p2"), core.NotFound},
			attempt{"remove", w.admin, expel("carol", "p1"), success},
			attempt{"remove twice", w.admin, expel("carol", "p1"), core.NotFound},
			attempt{"promote oneself", w.u1, promote("alice"), core.Unauthorized},
			attempt{"promote a missing user", w.admin, promote("none"), core.NotFound},
			attempt{"promote", w.admin, promote("carol"), success},
			attempt{"demote oneself", auth.With(t.Context(), auth.Caller{Name: "carol", Admin: true}),
				func(ctx context.Context) error { return w.UserSetAdmin(ctx, "carol", false) }, core.IllegalState},
		)
		want := []service.User{{Name: "alice", Projects: []string{"p1"}}, {Name: "carol", IsAdmin: true, Projects: []string{}}}
		if got := get(w.UserList(w.admin))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		try(t,
			attempt{"list as member", w.u1, func(ctx context.Context) error { return drop(w.UserList(ctx)) }, core.Unauthorized},
			attempt{"delete a missing user as member", w.u1, remove("none"), core.Unauthorized},
			attempt{"delete", w.admin, remove("carol"), success},
			attempt{"delete again", w.admin, remove("carol"), core.NotFound},
			attempt{"delete a member of a project", w.admin, remove("alice"), success},
		)
	})
}

func TestNoAccounts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for name, err := range map[string]error{
			"list":   drop(w.UserList(w.admin)),
			"create": w.UserCreate(w.admin, "u", "p", true),
			"delete": w.UserDelete(w.admin, "u"),
		} {
			if core.KindOf(err) != core.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	}, func(c *service.Config) { c.Accounts = false })
}
