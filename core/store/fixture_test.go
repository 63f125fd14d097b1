package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

// site is a small site: one project with one node, whose NICs eth0 and eth1 are cabled to ports p0 and p1 of one switch.
type site struct {
	*store.Store
	project core.Project
	node    core.Node
	sw      core.Switch
	nics    []core.NIC
	ports   []core.Port
}

func newSite(t *testing.T, s *store.Store) *site {
	t.Helper()
	ctx := t.Context()
	f := &site{Store: s}
	must(t, s.CreateProject(ctx, "p1"))
	f.project = get(s.Project(ctx, "p1"))(t)
	f.node = core.Node{Label: "n1", ProjectID: f.project.ID, OBMSettings: "{}"}
	must(t, s.CreateNode(ctx, &f.node))
	f.sw = core.Switch{Label: "s1", Type: "t", Settings: "{}"}
	must(t, s.CreateSwitch(ctx, &f.sw))
	for i := range 2 {
		f.addNIC(t, i)
	}
	return f
}

func (f *site) addNIC(t *testing.T, i int) {
	t.Helper()
	ctx := t.Context()
	nic, port := fmt.Sprintf("eth%d", i), fmt.Sprintf("p%d", i)
	must(t, f.CreatePort(ctx, core.Port{SwitchID: f.sw.ID, Label: port, DeviceName: "dev-" + port}))
	p := get(f.Port(ctx, f.sw, port))(t)
	must(t, f.CreateNIC(ctx, core.NIC{NodeID: f.node.ID, Label: nic, MACAddr: "52:54:00:00:00:01", PortID: p.ID}))
	f.ports = append(f.ports, p)
	f.nics = append(f.nics, get(f.NIC(ctx, f.node, nic))(t))
}

// network makes a network that the site's project may use.
func (f *site) network(t *testing.T, label string, vlan int) core.Network {
	t.Helper()
	n := core.Network{Label: label, OwnerID: f.project.ID, VLAN: vlan, Allocated: true}
	must(t, f.CreateNetwork(t.Context(), &n))
	must(t, f.GrantAccess(t.Context(), n.ID, f.project.ID))
	return n
}

// connect records the wish to put a NIC on a network.
func (f *site) connect(t *testing.T, uuid string, nic int, n core.Network, channel string) {
	t.Helper()
	a := f.action(uuid, nic, channel)
	a.NetworkID, a.NewNetwork = n.ID, n.Label
	must(t, f.CreateAction(t.Context(), a, f.ports[nic].ID))
}

// detach records the wish to clear a channel of a NIC.
func (f *site) detach(t *testing.T, uuid string, nic int, channel string) {
	t.Helper()
	must(t, f.CreateAction(t.Context(), f.action(uuid, nic, channel), f.ports[nic].ID))
}

// revert records the wish to clear a NIC.
func (f *site) revert(t *testing.T, uuid string, nic int) {
	t.Helper()
	a := f.action(uuid, nic, "")
	a.Type = core.RevertPort
	must(t, f.CreateAction(t.Context(), a, f.ports[nic].ID))
}

func (f *site) action(uuid string, nic int, channel string) core.Action {
	return core.Action{
		UUID: uuid, NICID: f.nics[nic].ID, NodeID: f.node.ID, Node: f.node.Label, NIC: f.nics[nic].Label,
		Type: core.ModifyPort, Channel: channel,
	}
}

// due is the work of the site's switch that may be done now.
func (f *site) due(t *testing.T) []store.Work {
	t.Helper()
	work := get(f.Work(t.Context(), f.sw.ID))(t)
	return slices.DeleteFunc(work, func(w store.Work) bool { return !w.Due(f.Now()) })
}

// seen settles all work as if every port had been seen just as wanted, with these VLANs.
func (f *site) seen(t *testing.T, vlans ...int) {
	t.Helper()
	var outcomes []store.Outcome
	for _, w := range f.due(t) {
		outcomes = append(outcomes, store.Outcome{Work: w, Seen: true, VLANs: vlans})
	}
	f.settle(t, outcomes...)
}

func (f *site) settle(t *testing.T, outcomes ...store.Outcome) {
	t.Helper()
	must(t, f.InTx(t.Context(), func(ctx context.Context, q store.Queries) error { return q.Settle(ctx, outcomes) }))
}

func (f *site) port(t *testing.T, i int) core.Port {
	t.Helper()
	return get(f.Port(t.Context(), f.sw, f.ports[i].Label))(t)
}

// must ends the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get is what a query answered, once it is told the test to end on an error: get(s.Node(ctx, "n1"))(t).
func get[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantKind fails the test unless err is of the kind.
func wantKind(t *testing.T, err error, want core.Kind) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want kind %d", want)
	}
	if got := core.KindOf(err); got != want {
		t.Fatalf("kind %d (%v), want %d", got, err, want)
	}
}

// atOnce calls fn eight times at the same time and answers the errors.
func atOnce(fn func(i int) error) []error {
	var wg sync.WaitGroup
	errs := make([]error, 8)
	start := make(chan struct{})
	for i := range errs {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneWins fails the test unless exactly one error is nil and all others are of the kind.
func oneWins(t *testing.T, errs []error, kind core.Kind) {
	t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if core.KindOf(err) != kind {
			t.Errorf("a loser got kind %d: %v", core.KindOf(err), err)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d won: %v", won, len(errs), errors.Join(errs...))
	}
}
