package service_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
)

func TestProjectChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		create := func(p string) func(context.Context) error {
			return func(ctx context.Context) error { return w.ProjectCreate(ctx, p) }
		}
		remove := func(p string) func(context.Context) error {
			return func(ctx context.Context) error { return w.ProjectDelete(ctx, p) }
		}
		list := func(ctx context.Context) error { return drop(w.ProjectList(ctx, service.Page{})) }
		try(t,
			attempt{"list as nobody", w.nobody, list, core.Unauthorized},
			attempt{"list as member", w.u1, list, core.Unauthorized},
			attempt{"list", w.admin, list, success},
			attempt{"create a duplicate as nobody", w.nobody, create("p1"), core.Unauthorized},
			attempt{"create as member", w.u1, create("p9"), core.Unauthorized},
			attempt{"create a duplicate", w.admin, create("p1"), core.Duplicate},
			attempt{"create with a bad label", w.admin, create("a/b"), core.BadArgument},
			attempt{"create", w.admin, create("p9"), success},
			attempt{"delete a missing one as nobody", w.nobody, remove("none"), core.Unauthorized},
			attempt{"delete as member", w.u1, remove("p1"), core.Unauthorized},
			attempt{"delete a missing one", w.admin, remove("none"), core.NotFound},
			attempt{"delete", w.admin, remove("p9"), success},
		)
	})
}

func TestProjectDeleteIsBlockedByAllItHas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for _, step := range []struct {
			has  string
			free func() error
		}{
			{"a node", func() error { return w.ProjectDetachNode(w.admin, "p1", "n1", false) }},
			{"a network", func() error { return w.NetworkDelete(w.admin, "w1") }},
			{"access to a network", func() error { return w.NetworkRevokeAccess(w.admin, "provider", "p1") }},
			{"a headnode", func() error { return w.HeadnodeDelete(w.admin, "h1") }},
		} {
			if err := w.ProjectDelete(w.admin, "p1"); core.KindOf(err) != core.Blocked {
				t.Errorf("delete a project with %s: %v", step.has, err)
			}
			must(t, step.free())
		}
		must(t, w.ProjectDelete(w.admin, "p1"))
		if users := get(w.UserList(w.admin))(t); len(users) != 1 || len(users[0].Projects) != 0 {
			t.Errorf("users are %+v", users)
		}
	})
}

func TestProjectConnectNodeChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		connect := func(p, n string) func(context.Context) error {
			return func(ctx context.Context) error { return w.ProjectConnectNode(ctx, p, n) }
		}
		try(t,
			attempt{"missing project as nobody", w.nobody, connect("none", "none"), core.NotFound},
			attempt{"missing node in another's project", w.u1, connect("p2", "none"), core.Unauthorized},
			attempt{"missing node", w.u1, connect("p1", "none"), core.NotFound},
			attempt{"own node", w.u1, connect("p1", "n1"), core.Blocked},
			attempt{"another's node", w.u1, connect("p1", "n2"), core.Blocked},
			attempt{"free node as nobody", w.nobody, connect("p1", "f1"), core.Unauthorized},
			attempt{"free node", w.u1, connect("p1", "f1"), success},
			attempt{"node that was free", w.u2, connect("p2", "f1"), core.Blocked},
			attempt{"as administrator", w.admin, connect("p2", "bare"), success},
		)
		if got := get(w.ProjectNodes(w.u1, "p1"))(t); !slices.Equal(got, []string{"f1", "n1"}) {
			t.Errorf("nodes of p1 are %v", got)
		}
	})
}

func TestProjectDetachNodeChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		detach := func(p, n string, force bool) func(context.Context) error {
			return func(ctx context.Context) error { return w.ProjectDetachNode(ctx, p, n, force) }
		}
		w.connected(t)
		try(t,
			attempt{"missing project as nobody", w.nobody, detach("none", "none", false), core.NotFound},
			attempt{"missing node from another's project", w.u1, detach("p2", "none", false), core.Unauthorized},
			attempt{"missing node", w.u1, detach("p1", "none", false), core.NotFound},
			attempt{"another's node", w.u1, detach("p1", "n2", false), core.NotFound},
			attempt{"free node", w.u1, detach("p1", "f1", false), core.NotFound},
			attempt{"attached node", w.u1, detach("p1", "n1", false), core.Blocked},
			attempt{"attached node by force as member", w.u1, detach("p1", "n1", true), core.Unauthorized},
			attempt{"attached node by force", w.admin, detach("p1", "n1", true), core.Blocked},
		)
		get(w.NodeDetachNetwork(w.u1, "n1", "eth0", "w1"))(t)
		try(t, attempt{"node with a pending action", w.u1, detach("p1", "n1", false), core.Blocked})
		w.settle(t)
		try(t,
			attempt{"clear node", w.u1, detach("p1", "n1", false), success},
			attempt{"clear node again", w.u1, detach("p1", "n1", false), core.NotFound},
		)
	})
}

// TestReservingWaitsForTheSwitch gives no node to a project before all its ports were seen as they should be.
func TestReservingWaitsForTheSwitch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.ProjectDetachNode(w.u1, "p1", "n1", false))
		sw := get(w.s.Switch(t.Context(), "s1"))(t)
		must(t, w.s.WantPort(t.Context(), get(w.s.Port(t.Context(), sw, "gi1"))(t).ID))
		wantKind(t, w.ProjectConnectNode(w.u2, "p2", "n1"), core.Blocked)

		c := w.Config
		c.SettleWait = time.Minute
		patient := service.New(c)
		reserved := make(chan error, 1)
		go func() { reserved <- patient.ProjectConnectNode(w.u2, "p2", "n1") }()
		w.settle(t)
		must(t, <-reserved)
	})
}

// TestReleaseWaitsForTheSwitch gives no node away while one of its ports may carry a VLAN nobody wants there.
func TestReleaseWaitsForTheSwitch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		sw := get(w.s.Switch(t.Context(), "s1"))(t)
		port := get(w.s.Port(t.Context(), sw, "gi1"))(t)
		must(t, w.s.NotePortVLANs(t.Context(), []core.PortVLAN{{PortID: port.ID, VLAN: 101}}))
		wantKind(t, w.ProjectDetachNode(w.u1, "p1", "n1", false), core.Blocked)
		wantKind(t, w.ProjectDetachNode(w.u1, "p1", "n1", true), core.Unauthorized)
		must(t, w.ProjectDetachNode(w.admin, "p1", "n1", true))
		wantKind(t, w.ProjectConnectNode(w.u2, "p2", "n1"), core.Blocked)
		must(t, w.s.WantPort(t.Context(), port.ID))
		w.settle(t)
		must(t, w.ProjectConnectNode(w.u2, "p2", "n1"))
	})
}

func TestProjectListsChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for name, list := range map[string]struct {
			call func(context.Context, string) ([]string, error)
			want []string
		}{
			"nodes":     {w.ProjectNodes, []string{"n1"}},
			"networks":  {w.ProjectNetworks, []string{"provider", "w1"}},
			"headnodes": {w.ProjectHeadnodes, []string{"h1"}},
		} {
			of := func(p string) func(context.Context) error {
				return func(ctx context.Context) error { return drop(list.call(ctx, p)) }
			}
			try(t,
				attempt{name + " of a missing project as nobody", w.nobody, of("none"), core.NotFound},
				attempt{name + " of another's project", w.u2, of("p1"), core.Unauthorized},
				attempt{name + " as administrator", w.admin, of("p1"), success},
			)
			if got := get(list.call(w.u1, "p1"))(t); !slices.Equal(got, list.want) {
				t.Errorf("%s are %v, want %v", name, got, list.want)
			}
		}
	})
}

func TestMaintenancePool(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.ProjectDetachNode(w.u1, "p1", "n1", false))
		if n := get(w.NodeShow(w.admin, "n1"))(t); n.Project != "maintenance" {
			t.Errorf("the node is in project %q", n.Project)
		}
		due := get(w.s.DueNotices(t.Context(), 10))(t)
		if len(due) != 1 || due[0].Node != "n1" || due[0].URL != "http://maintenance.example.com" || w.notices.Load() != 1 {
			t.Errorf("notices are %+v, told %d times", due, w.notices.Load())
		}
		must(t, w.ProjectDetachNode(w.admin, "maintenance", "n1", false))
		if n := get(w.NodeShow(w.admin, "n1"))(t); n.Project != "" {
			t.Errorf("released from maintenance, the node is in project %q", n.Project)
		}
	}, func(c *service.Config) {
		c.Maintenance = service.Maintenance{Project: "maintenance", URL: "http://maintenance.example.com"}
	})
}
