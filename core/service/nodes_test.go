package service_test

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
)

func TestNodeRegisterChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		register := func(n string, d service.DriverSettings, notes map[string]json.RawMessage) func(context.Context) error {
			return func(ctx context.Context) error { return w.NodeRegister(ctx, n, d, notes) }
		}
		bad := service.DriverSettings{Type: obmType, Settings: map[string]json.RawMessage{"hots": []byte(`"hunter2"`)}}
		try(t,
			attempt{"a duplicate as nobody", w.nobody, register("n1", device(obmType), nil), core.Unauthorized},
			attempt{"as member", w.u1, register("n9", device(obmType), nil), core.Unauthorized},
			attempt{"a duplicate of an unknown type", w.admin, register("n1", device("none"), nil), core.Duplicate},
			attempt{"reserved word", w.admin, register("all", device(obmType), nil), core.BadArgument},
			attempt{"bad label", w.admin, register("a/b", device(obmType), nil), core.BadArgument},
			attempt{"unknown type", w.admin, register("n9", device("none"), nil), core.BadArgument},
			attempt{"type of a switch", w.admin, register("n9", device(switchType), nil), core.BadArgument},
			attempt{"bad settings", w.admin, register("n9", bad, nil), core.BadArgument},
			attempt{"no settings", w.admin, register("n9", service.DriverSettings{Type: obmType}, nil), core.BadArgument},
			attempt{"bad note", w.admin, register("n9", device(obmType), notes("a/b", "1")), core.BadArgument},
			attempt{"notes", w.admin, register("n9", device(obmType), notes("a", `[1,"x"]`, "b", "null")), success},
		)
		err := w.NodeRegister(w.admin, "n10", device("none"), nil)
		if !strings.Contains(err.Error(), obmType) || !strings.HasPrefix(err.Error(), "obm.type: ") {
			t.Errorf("the error neither names the field nor lists the types: %v", err)
		}
		err = w.NodeRegister(w.admin, "n10", bad, nil)
		if !strings.Contains(err.Error(), "hots") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error does not name the setting, or shows its value: %v", err)
		}
		if got := get(w.NodeShow(w.admin, "n9"))(t).Metadata; !maps.Equal(got, map[string]string{"a": `[1,"x"]`, "b": "null"}) {
			t.Errorf("notes are %v", got)
		}
	})
}

// notes are pairs of a label and JSON.
func notes(pairs ...string) map[string]json.RawMessage {
	found := map[string]json.RawMessage{}
	for pair := range slices.Chunk(pairs, 2) {
		found[pair[0]] = json.RawMessage(pair[1])
	}
	return found
}

func TestNodeDeleteChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		remove := func(n string) func(context.Context) error {
			return func(ctx context.Context) error { return w.NodeDelete(ctx, n) }
		}
		try(t,
			attempt{"missing as nobody", w.nobody, remove("none"), core.Unauthorized},
			attempt{"own node as member", w.u1, remove("n1"), core.Unauthorized},
			attempt{"missing", w.admin, remove("none"), core.NotFound},
			attempt{"in a project", w.admin, remove("n1"), core.Blocked},
			attempt{"with NICs", w.admin, remove("f1"), core.Blocked},
			attempt{"bare", w.admin, remove("bare"), success},
			attempt{"bare again", w.admin, remove("bare"), core.NotFound},
		)
	})
}

func TestNodeShow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		show := func(n string) func(context.Context) error {
			return func(ctx context.Context) error { return drop(w.NodeShow(ctx, n)) }
		}
		try(t,
			attempt{"missing as nobody", w.nobody, show("none"), core.NotFound},
			attempt{"free node as nobody", w.nobody, show("f1"), success},
			attempt{"own node", w.u1, show("n1"), success},
			attempt{"another's node", w.u1, show("n2"), core.Unauthorized},
			attempt{"as administrator", w.admin, show("n2"), success},
		)
		w.connected(t)
		get(w.NodeConnectNetwork(w.u1, "n1", "eth0", "pub", "vlan/103"))(t)
		w.settle(t)
		const mac = "52:54:00:12:34:56"
		want := service.Node{
			Name: "n1", Project: "p1", Metadata: map[string]string{},
			NICs: []service.NIC{
				{Label: "eth0", MACAddr: mac, Networks: map[string]string{"vlan/native": "w1", "vlan/103": "pub"}, Port: "gi1", Switch: "s1"},
				{Label: "eth1", MACAddr: mac, Networks: map[string]string{}},
				{Label: "eth2", MACAddr: mac, Networks: map[string]string{}, Port: "gi1", Switch: "plain"},
			},
		}
		if got := get(w.NodeShow(w.u1, "n1"))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		want.Cabling = true
		if got := get(w.NodeShow(w.admin, "n1"))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("as administrator: got %+v", got)
		}
		bare := service.Node{Name: "bare", Metadata: map[string]string{}, NICs: []service.NIC{}}
		if got := get(w.NodeShow(w.nobody, "bare"))(t); !reflect.DeepEqual(got, bare) {
			t.Errorf("bare node: got %+v", got)
		}
	})
}

func TestNodeList(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for node, gpu := range map[string]string{"n1": `"a100"`, "n2": `"a100"`, "f1": `"v100"`} {
			must(t, w.NodeSetMetadata(w.admin, node, "gpu", []byte(gpu)))
		}
		must(t, w.NodeSetMetadata(w.admin, "f1", "cores", []byte("64")))
		free := service.NodeFilter{Free: true}
		for _, c := range []struct {
			caller context.Context
			filter service.NodeFilter
			page   service.Page
			want   []string
		}{
			{w.nobody, service.NodeFilter{}, service.Page{}, []string{"bare", "f1", "n1", "n2"}},
			{w.nobody, free, service.Page{}, []string{"bare", "f1"}},
			{w.nobody, service.NodeFilter{}, service.Page{After: "f1", Limit: 1}, []string{"n1"}},
			{w.nobody, free, service.Page{After: "f1"}, []string{}},
			{w.admin, service.NodeFilter{Metadata: "gpu"}, service.Page{}, []string{"f1", "n1", "n2"}},
			{w.admin, service.NodeFilter{Metadata: "gpu=a100"}, service.Page{}, []string{"n1", "n2"}},
			{w.admin, service.NodeFilter{Metadata: "cores=64", Free: true}, service.Page{}, []string{"f1"}},
			{w.admin, service.NodeFilter{Metadata: "none"}, service.Page{}, []string{}},
			// The notes on other projects' nodes are not for a member to see.
			{w.u1, service.NodeFilter{Metadata: "gpu=a100"}, service.Page{}, []string{"n1"}},
			{w.nobody, service.NodeFilter{Metadata: "gpu"}, service.Page{}, []string{"f1"}},
		} {
			if got := get(w.NodeList(c.caller, c.filter, c.page))(t); !slices.Equal(got, c.want) || got == nil {
				t.Errorf("%+v, %+v: %v, want %v", c.filter, c.page, got, c.want)
			}
		}
	})
}

func TestNodeMetadata(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		set := func(n, label, value string) func(context.Context) error {
			return func(ctx context.Context) error { return w.NodeSetMetadata(ctx, n, label, []byte(value)) }
		}
		remove := func(n, label string) func(context.Context) error {
			return func(ctx context.Context) error { return w.NodeDeleteMetadata(ctx, n, label) }
		}
		try(t,
			attempt{"set on a missing node as nobody", w.nobody, set("none", "a", "1"), core.Unauthorized},
			attempt{"set on the own node as member", w.u1, set("n1", "a", "1"), core.Unauthorized},
			attempt{"set on a missing node", w.admin, set("none", "a", "1"), core.NotFound},
			attempt{"set with a bad label", w.admin, set("n1", "", "1"), core.BadArgument},
			attempt{"set", w.admin, set("n1", "a", `"pk"`), success},
			attempt{"replace", w.admin, set("n1", "a", "null"), success},
			attempt{"same label on another node", w.admin, set("n2", "a", "1"), success},
			attempt{"delete from a missing node as nobody", w.nobody, remove("none", "a"), core.Unauthorized},
			attempt{"delete from the own node as member", w.u1, remove("n1", "a"), core.Unauthorized},
			attempt{"delete from a missing node", w.admin, remove("none", "a"), core.NotFound},
			attempt{"delete a missing label", w.admin, remove("n1", "b"), core.NotFound},
			attempt{"delete a label of another node", w.admin, remove("f1", "a"), core.NotFound},
		)
		if got := get(w.NodeShow(w.admin, "n1"))(t).Metadata; !maps.Equal(got, map[string]string{"a": "null"}) {
			t.Errorf("notes are %v", got)
		}
		must(t, w.NodeDeleteMetadata(w.admin, "n1", "a"))
		if got := get(w.NodeShow(w.admin, "n2"))(t).Metadata; !maps.Equal(got, map[string]string{"a": "1"}) {
			t.Errorf("notes of another node are %v", got)
		}
	})
}

func TestNICChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		register := func(n, i, mac string) func(context.Context) error {
			return func(ctx context.Context) error { return w.NodeRegisterNIC(ctx, n, i, mac) }
		}
		remove := func(n, i string) func(context.Context) error {
			return func(ctx context.Context) error { return w.NodeDeleteNIC(ctx, n, i) }
		}
		const mac = "52:54:00:AB:cd:ef"
		try(t,
			attempt{"register on a missing node as nobody", w.nobody, register("none", "eth0", mac), core.Unauthorized},
			attempt{"register on the own node as member", w.u1, register("n1", "eth9", mac), core.Unauthorized},
			attempt{"register on a missing node", w.admin, register("none", "eth0", mac), core.NotFound},
			attempt{"register a duplicate", w.admin, register("n1", "eth0", mac), core.Duplicate},
			attempt{"register no MAC address", w.admin, register("bare", "eth0", "not-a-mac"), core.BadArgument},
			attempt{"register a bad label", w.admin, register("bare", "a/b", mac), core.BadArgument},
			attempt{"register", w.admin, register("bare", "eth0", "5254.00ab.CDEF"), success},
			attempt{"delete from a missing node as nobody", w.nobody, remove("none", "eth0"), core.Unauthorized},
			attempt{"delete from the own node as member", w.u1, remove("n1", "eth1"), core.Unauthorized},
			attempt{"delete from a missing node", w.admin, remove("none", "eth0"), core.NotFound},
			attempt{"delete a missing one", w.admin, remove("bare", "eth9"), core.NotFound},
			attempt{"delete another node's", w.admin, remove("bare", "eth2"), core.NotFound},
			attempt{"delete from an allocated node", w.admin, remove("n1", "eth1"), core.Blocked},
		)
		if got := get(w.NodeShow(w.admin, "bare"))(t).NICs[0].MACAddr; got != "52:54:00:ab:cd:ef" {
			t.Errorf("the MAC address is %s", got)
		}
		must(t, w.NodeDeleteNIC(w.admin, "bare", "eth0"))
		get(w.PortRevert(w.admin, "s1", "gi3"))(t)
		try(t, attempt{"delete with a pending action", w.admin, remove("f1", "eth0"), core.Blocked})
		w.settle(t)
		try(t, attempt{"delete with a port", w.admin, remove("f1", "eth0"), success})
	})
}

// TestNICAfterUse deletes a NIC that was on a network once.
func TestNICAfterUse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.connected(t)
		id := get(w.NodeDetachNetwork(w.u1, "n1", "eth0", "w1"))(t)
		w.settle(t)
		must(t, w.ProjectDetachNode(w.u1, "p1", "n1", false))
		for _, nic := range []string{"eth0", "eth1", "eth2"} {
			must(t, w.NodeDeleteNIC(w.admin, "n1", nic))
		}
		must(t, w.NodeDelete(w.admin, "n1"))
		a := get(w.NetworkingActionShow(w.admin, id))(t)
		if a.Status != "DONE" || a.Node != "n1" || a.NIC != "eth0" {
			t.Errorf("the action of a node that is gone is %+v", a)
		}
		wantKind(t, drop(w.NetworkingActionShow(w.u1, id)), core.Unauthorized)
	})
}
