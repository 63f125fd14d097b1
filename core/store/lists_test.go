package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// unsorted are labels that databases like to sort by the rules of some language.
var unsorted = []string{"b", "B", "a", "ä", "Z", "a b", "a-b", "ab", "1", "10", "2", "z", "_"}

func TestListsAreSortedByByte(t *testing.T) {
	t.Parallel()
	want := slices.Sorted(slices.Values(unsorted))
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		for i, label := range unsorted {
			must(t, s.CreateProject(ctx, label))
			must(t, s.CreateUser(ctx, core.User{Label: label}))
			must(t, s.CreateNode(ctx, &core.Node{Label: label, OBMSettings: "{}"}))
			must(t, s.CreateSwitch(ctx, &core.Switch{Label: label, Settings: "{}"}))
			must(t, s.CreatePort(ctx, core.Port{SwitchID: f.sw.ID, Label: label, DeviceName: label}))
			must(t, s.CreateHeadnode(ctx, core.Headnode{Label: label, ProjectID: f.project.ID, UUID: label}))
			must(t, s.PutMetadata(ctx, core.Metadata{NodeID: f.node.ID, Label: label, Value: "1"}))
			f.network(t, label, 101+i)
		}
		for name, got := range map[string][]string{
			"projects":  without(get(s.ProjectLabels(ctx, "", 0))(t), "p1"),
			"nodes":     without(get(s.NodeLabels(ctx, store.NodeFilter{}, "", 0))(t), "n1"),
			"switches":  without(get(s.SwitchLabels(ctx))(t), "s1"),
			"ports":     without(get(s.PortLabels(ctx, f.sw.ID))(t), "p0", "p1"),
			"headnodes": get(s.ProjectHeadnodes(ctx, f.project.ID))(t),
			"networks":  get(s.ProjectNetworks(ctx, f.project.ID))(t),
			"users":     namesOf(get(s.AllMemberships(ctx))(t), func(m store.Membership) string { return m.User.Label }),
			"access":    namesOf(get(s.NetworkAccessRows(ctx))(t), func(r store.NetworkAccessRow) string { return r.Network.Label }),
			"notes":     namesOf(get(s.Metadata(ctx, f.node.ID))(t), func(m core.Metadata) string { return m.Label }),
		} {
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	})
}

func without(labels []string, others ...string) []string {
	return slices.DeleteFunc(labels, func(l string) bool { return slices.Contains(others, l) })
}

func namesOf[T any](rows []T, name func(T) string) []string {
	var found []string
	for _, r := range rows {
		found = append(found, name(r))
	}
	return found
}

func TestPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for _, label := range unsorted {
			must(t, s.CreateProject(ctx, label))
			must(t, s.CreateNode(ctx, &core.Node{Label: label, OBMSettings: "{}"}))
		}
		for name, page := range map[string]func(after string) ([]string, error){
			"projects":   func(after string) ([]string, error) { return s.ProjectLabels(ctx, after, 3) },
			"nodes":      func(after string) ([]string, error) { return s.NodeLabels(ctx, store.NodeFilter{}, after, 3) },
			"free nodes": func(after string) ([]string, error) { return s.NodeLabels(ctx, store.NodeFilter{Free: true}, after, 3) },
		} {
			if got, want := allPages(t, page), slices.Sorted(slices.Values(unsorted)); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	})
}

func allPages(t *testing.T, page func(after string) ([]string, error)) []string {
	t.Helper()
	var all []string
	for after := ""; ; after = all[len(all)-1] {
		labels := get(page(after))(t)
		if len(labels) > 3 || len(all) > len(unsorted) {
			t.Fatalf("page after %q: %q", after, labels)
		}
		if len(labels) == 0 {
			return all
		}
		all = append(all, labels...)
	}
}

func TestEmptyListsAreNotNil(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, list := range map[string]func() ([]string, error){
			"projects": func() ([]string, error) { return s.ProjectLabels(t.Context(), "", 0) },
			"nodes":    func() ([]string, error) { return s.NodeLabels(t.Context(), store.NodeFilter{Free: true}, "", 0) },
			"switches": func() ([]string, error) { return s.SwitchLabels(t.Context()) },
			"ports":    func() ([]string, error) { return s.PortLabels(t.Context(), 1) },
		} {
			if labels := get(list())(t); labels == nil {
				t.Errorf("%s is nil", name)
			}
		}
	})
}

// TestHostileText puts what SQL and JSON would trip over through every kind of column.
func TestHostileText(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for i, label := range []string{`'; DROP TABLE projects; --`, `a"b`, `a\b`, `a?b`, `a?0b`, `$1`, `%s`, `{{.Identity}}`, "日本語", strings.Repeat("é", 255)} {
			must(t, s.CreateProject(ctx, label))
			if p := get(s.Project(ctx, label))(t); p.Label != label {
				t.Errorf("%q came back as %q", label, p.Label)
			}
			settings := core.Settings(fmt.Sprintf(`{"password": %q}`, label))
			n := core.Node{Label: fmt.Sprint("n", i), OBMSettings: settings}
			must(t, s.CreateNode(ctx, &n))
			if got := get(s.Node(ctx, n.Label))(t); got.OBMSettings != settings {
				t.Errorf("settings of %q came back changed", label)
			}
		}
		if labels := get(s.ProjectLabels(ctx, "", 0))(t); len(labels) != 10 {
			t.Errorf("%d projects", len(labels))
		}
	})
}
