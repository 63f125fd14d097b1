package store_test

import (
	"context"
	"regexp"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// breaches break each unique constraint on a site with network w1 (VLAN 101, on eth0's native channel) and w2 (VLAN
// 102, on no NIC), user u1, headnode h1 with NIC hn0, and a pending action on eth1.
var breaches = map[string]func(ctx context.Context, f *site, w1, w2 core.Network) error{
	"project_label_is_unique": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreateProject(ctx, "p1")
	},
	"user_label_is_unique": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreateUser(ctx, core.User{Label: "u1"})
	},
	"membership_is_unique": func(ctx context.Context, f *site, _, _ core.Network) error {
		u, err := f.User(ctx, "u1")
		if err != nil {
			return err
		}
		return f.AddMember(ctx, u.ID, f.project.ID)
	},
	"node_label_is_unique": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreateNode(ctx, &core.Node{Label: "n1", OBMSettings: "{}"})
	},
	"switch_label_is_unique": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreateSwitch(ctx, &core.Switch{Label: "s1", Settings: "{}"})
	},
	"port_label_is_unique_per_switch": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreatePort(ctx, core.Port{SwitchID: f.sw.ID, Label: "p0", DeviceName: "other"})
	},
	"device_port_is_registered_once_per_switch": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreatePort(ctx, core.Port{SwitchID: f.sw.ID, Label: "other", DeviceName: "dev-p0"})
	},
	"nic_label_is_unique_per_node": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreateNIC(ctx, core.NIC{NodeID: f.node.ID, Label: "eth0"})
	},
	"port_has_one_nic": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.SetNICPort(ctx, f.nics[1].ID, f.ports[0].ID)
	},
	"network_label_is_unique": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreateNetwork(ctx, &core.Network{Label: "w1", VLAN: 199})
	},
	"vlan_is_on_one_live_network": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreateNetwork(ctx, &core.Network{Label: "w9", VLAN: 101})
	},
	"access_is_granted_once": func(ctx context.Context, f *site, w1, _ core.Network) error {
		return f.GrantAccess(ctx, w1.ID, f.project.ID)
	},
	"network_is_on_nic_once": func(ctx context.Context, f *site, w1, _ core.Network) error {
		return attach(ctx, f, w1, "vlan/101")
	},
	"channel_carries_one_network": func(ctx context.Context, f *site, _, w2 core.Network) error {
		return attach(ctx, f, w2, core.NativeChannel)
	},
	"nic_has_one_pending_action": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreateAction(ctx, f.action("another", 1, core.NativeChannel), f.ports[1].ID)
	},
	"headnode_label_is_unique": func(ctx context.Context, f *site, _, _ core.Network) error {
		return f.CreateHeadnode(ctx, core.Headnode{Label: "h1", ProjectID: f.project.ID, UUID: "another"})
	},
	"hnic_label_is_unique_per_headnode": func(ctx context.Context, f *site, _, _ core.Network) error {
		h, err := f.Headnode(ctx, "h1")
		if err != nil {
			return err
		}
		return f.CreateHNIC(ctx, core.HNIC{HeadnodeID: h.ID, Label: "hn0"})
	},
}

// attach settles a visit that put eth0 on a network, against all rules of the caller.
func attach(ctx context.Context, f *site, n core.Network, channel string) error {
	return f.Settle(ctx, []store.Outcome{{
		Work: store.Work{NICID: f.nics[0].ID, Port: f.ports[0], Connect: &n, Action: &core.Action{Type: core.ModifyPort, Channel: channel}},
		Seen: true,
	}})
}

func TestUniqueConstraints(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f, w1, w2 := fullSite(t, s)
		for name, breach := range breaches {
			want := store.Rules()[name]
			if want == nil {
				t.Errorf("%s has no entry in rules", name)
				continue
			}
			err := breach(t.Context(), f, w1, w2)
			if err == nil || core.KindOf(err) != want.Kind || err.Error() != want.Text {
				t.Errorf("%s: got %v, want %v", name, err, want)
			}
		}
	})
}

func fullSite(t *testing.T, s *store.Store) (f *site, w1, w2 core.Network) {
	t.Helper()
	ctx := t.Context()
	f = newSite(t, s)
	w1, w2 = f.network(t, "w1", 101), f.network(t, "w2", 102)
	f.connect(t, "first", 0, w1, core.NativeChannel)
	f.seen(t, 101)
	f.connect(t, "second", 1, w1, core.NativeChannel)
	must(t, s.CreateUser(ctx, core.User{Label: "u1"}))
	must(t, s.AddMember(ctx, get(s.User(ctx, "u1"))(t).ID, f.project.ID))
	must(t, s.CreateHeadnode(ctx, core.Headnode{Label: "h1", ProjectID: f.project.ID, UUID: "u"}))
	h := get(s.Headnode(ctx, "h1"))(t)
	must(t, s.CreateHNIC(ctx, core.HNIC{HeadnodeID: h.ID, Label: "hn0", NetworkID: w2.ID}))
	return f, w1, w2
}

// unbreachable are the unique constraints that no caller can break: the server makes UUIDs, a note that is there is
// replaced, and what is owed for a network is counted once.
var unbreachable = []string{
	"action_uuid_is_unique", "headnode_uuid_is_unique", "metadata_label_is_unique_per_node", "network_is_owed_once", "port_vlan_is_noted_once",
}

func TestEveryUniqueConstraintHasARule(t *testing.T) {
	t.Parallel()
	text := get(store.MigrationText())(t)
	unique := regexp.MustCompile(`CONSTRAINT (\w+) (?:UNIQUE|PRIMARY KEY) \(|CREATE UNIQUE INDEX IF NOT EXISTS (\w+)`)
	unruled := map[string]bool{}
	for _, m := range unique.FindAllStringSubmatch(text, -1) {
		unruled[m[1]+m[2]] = true
	}
	for name := range store.Rules() {
		if !unruled[name] {
			t.Errorf("rule %s is about no constraint", name)
		}
		if breaches[name] == nil {
			t.Errorf("nothing tests rule %s", name)
		}
		delete(unruled, name)
	}
	for _, name := range unbreachable {
		delete(unruled, name)
	}
	for name := range unruled {
		t.Errorf("constraint %s has no entry in rules", name)
	}
}

func TestForeignKeysBlock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f, w1, w2 := fullSite(t, s)
		for name, breach := range map[string]func() error{
			"delete a project with nodes":          func() error { return s.DeleteProject(ctx, f.project.ID) },
			"delete a node with NICs":              func() error { return s.DeleteNode(ctx, f.node.ID) },
			"delete a switch with ports":           func() error { return s.DeleteSwitch(ctx, f.sw.ID) },
			"delete a port with a NIC":             func() error { return s.DeletePort(ctx, f.ports[1].ID, false) },
			"delete a NIC on a network":            func() error { return s.DeleteNIC(ctx, f.nics[0].ID) },
			"delete a NIC with a pending action":   func() error { return s.DeleteNIC(ctx, f.nics[1].ID) },
			"delete a network with NICs":           func() error { return s.DeleteNetwork(ctx, w1.ID) },
			"delete a network with headnodes":      func() error { return s.DeleteNetwork(ctx, w2.ID) },
			"move a node to a missing project":     func() error { return s.SetNodeProject(ctx, f.node.ID, f.project.ID, 999) },
			"add a port to a missing switch":       func() error { return s.CreatePort(ctx, core.Port{SwitchID: 999, Label: "x"}) },
			"grant access to a missing project":    func() error { return s.GrantAccess(ctx, w1.ID, 999) },
			"put a note on a missing node":         func() error { return s.PutMetadata(ctx, core.Metadata{NodeID: 999, Label: "x"}) },
			"make a headnode of a missing project": func() error { return s.CreateHeadnode(ctx, core.Headnode{Label: "x", ProjectID: 999}) },
		} {
			if err := breach(); core.KindOf(err) != core.Blocked {
				t.Errorf("%s: got %v, want Blocked", name, err)
			}
		}
	})
}

func TestPortThatMayCarryVLANsStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		must(t, s.SetNICPort(ctx, f.nics[0].ID, 0))
		must(t, s.NotePortVLANs(ctx, []core.PortVLAN{{PortID: f.ports[0].ID, VLAN: 7}}))
		wantKind(t, s.DeletePort(ctx, f.ports[0].ID, false), core.Blocked)
		must(t, s.DeletePort(ctx, f.ports[0].ID, true))
		if taken := get(s.TakenVLANs(ctx))(t); taken[7] {
			t.Error("the VLAN of a port that was deleted by force is still taken")
		}
	})
}
