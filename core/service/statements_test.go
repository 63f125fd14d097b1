package service_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
)

// statements counts statements.
type statements struct{ atomic.Int64 }

// BeforeQuery counts.
func (n *statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	n.Add(1)
	return ctx
}

// AfterQuery does nothing.
func (*statements) AfterQuery(context.Context, *bun.QueryEvent) {}

// TestReadsCostTheSameHoweverMuchThereIs counts the statements of reads in a small and in a larger site.
func TestReadsCostTheSameHoweverMuchThereIs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var n statements
		c := w.Config
		c.Store = w.s.WithHook(&n)
		counted := service.New(c)
		reads := map[string]func() error{
			"show node":       func() error { return drop(counted.NodeShow(w.admin, "n1")) },
			"list nodes":      func() error { return drop(counted.NodeList(w.admin, service.NodeFilter{}, service.Page{})) },
			"list free nodes": func() error { return drop(counted.NodeList(w.admin, service.NodeFilter{Free: true}, service.Page{})) },
			"list powers":     func() error { return drop(counted.NodePowerList(w.admin, false)) },
			"show network":    func() error { return drop(counted.NetworkShow(w.admin, "pub")) },
			"list networks":   func() error { return drop(counted.NetworkList(w.admin)) },
			"attachments":     func() error { return drop(counted.NetworkAttachments(w.admin, "pub", "")) },
			"show switch":     func() error { return drop(counted.SwitchShow(w.admin, "s1")) },
			"show headnode":   func() error { return drop(counted.HeadnodeShow(w.admin, "h1")) },
			"project's nodes": func() error { return drop(counted.ProjectNodes(w.admin, "p1")) },
			"list users":      func() error { return drop(counted.UserList(w.admin)) },
		}
		few := map[string]int64{}
		for name, read := range reads {
			few[name] = count(t, &n, read)
		}
		w.grow(t)
		for name, read := range reads {
			if many := count(t, &n, read); many != few[name] || many == 0 || many > 5 {
				t.Errorf("%s costs %d statements, was %d", name, many, few[name])
			}
		}
	})
}

func count(t *testing.T, n *statements, call func() error) int64 {
	t.Helper()
	n.Store(0)
	must(t, call())
	return n.Load()
}

// grow adds ten of everything, much of it on network pub.
func (w *world) grow(t *testing.T) {
	t.Helper()
	for i := range 10 {
		label, nic, port := fmt.Sprint("more", i), fmt.Sprint("nic", i), fmt.Sprint("gi1/", i)
		must(t, w.NodeRegister(w.admin, label, device(obmType), notes("note", "1")))
		must(t, w.NodeSetMetadata(w.admin, "n1", label, []byte("1")))
		must(t, w.ProjectCreate(w.admin, label))
		must(t, w.NetworkCreate(w.admin, label, "admin", only("p1", "p2"), fmt.Sprint(1000+i)))
		must(t, w.NodeRegisterNIC(w.admin, "n1", nic, "52:54:00:00:00:01"))
		must(t, w.SwitchRegisterPort(w.admin, "s1", port))
		must(t, w.PortConnectNIC(w.admin, "s1", port, "n1", nic))
		get(w.NodeConnectNetwork(w.u1, "n1", nic, "pub", ""))(t)
		must(t, w.HeadnodeCreateHNIC(w.u1, "h1", nic))
		must(t, w.s.CreateUser(t.Context(), core.User{Label: label}))
		must(t, w.UserAddProject(w.admin, label, "p1"))
	}
	w.settle(t)
}
