package fabric_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// patience is how long a test waits for what is about to happen, on a busy machine.
const patience = 60 * time.Second

// site is the real use cases and store over scripted switches.
type site struct {
	*store.Store
	*service.Service
	*rack
	ctx context.Context //nolint:containedctx // the administrator, who makes every call of a test.
}

// vlans are the pool of a site.
type vlans []int

// All are the VLANs, ascending.
func (v vlans) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, id := range v {
			if !yield(id) {
				return
			}
		}
	}
}

// newSite makes a site with projects p1 and p2 and the named switches.
func newSite(t testing.TB, s *store.Store, switches ...string) *site {
	t.Helper()
	r := newRack(switches...)
	log := hclog.NewNullLogger()
	f := &site{Store: s, rack: r, ctx: auth.With(context.WithoutCancel(t.Context()), auth.Caller{Name: "root", Admin: true})}
	f.Service = service.New(service.Config{
		Store: s, Drivers: r.drivers(), Wake: func() {}, Notify: func() {}, Consoles: console.New(console.Config{Store: s, Log: log}),
		// Questions come by a server that works no switches.
		Ask:  fabric.New(f.config()).Ask,
		Pool: vlans{100, 101, 102, 103, 104}, Log: log,
	})
	for _, sw := range switches {
		must(t, s.CreateSwitch(f.ctx, &core.Switch{Label: sw, Type: switchType, Settings: "{}"}))
	}
	for _, p := range []string{"p1", "p2"} {
		must(t, f.ProjectCreate(f.ctx, p))
	}
	return f
}

// onSQLite makes a site for what does not depend on the database.
func onSQLite(t testing.TB, switches ...string) *site {
	t.Helper()
	return newSite(t, storetest.Open(t, storetest.SQLite), switches...)
}

// node adds a free node whose NIC is cabled to a port of the switch; all three have one name.
func (f *site) node(t testing.TB, sw, name string) {
	t.Helper()
	must(t, f.CreateNode(f.ctx, &core.Node{Label: name, OBMSettings: "{}"}))
	must(t, f.NodeRegisterNIC(f.ctx, name, name, "52:54:00:00:00:01"))
	must(t, f.SwitchRegisterPort(f.ctx, sw, name))
	must(t, f.PortConnectNIC(f.ctx, sw, name, name, name))
}

// nodes adds nodes n1, n2, … that project p1 has.
func (f *site) nodes(t testing.TB, sw string, count int) {
	t.Helper()
	names := []string{}
	for i := range count {
		names = append(names, fmt.Sprintf("n%d", i+1))
		f.node(t, sw, names[i])
	}
	for _, name := range names {
		f.reserve(t, "p1", name)
	}
}

// reserve gives a free node to a project, as if its switch had been seen to have it closed.
func (f *site) reserve(t testing.TB, project, node string) {
	t.Helper()
	for sw := range f.devices {
		must(t, f.Store.InTx(f.ctx, func(ctx context.Context, q store.Queries) error { return closeAll(ctx, q, sw) }))
	}
	must(t, f.ProjectConnectNode(f.ctx, project, node))
}

func closeAll(ctx context.Context, q store.Queries, sw string) error {
	w, err := q.Switch(ctx, sw)
	if err != nil {
		return err
	}
	due, err := q.Work(ctx, w.ID)
	if err != nil {
		return err
	}
	outcomes := []store.Outcome{}
	for _, d := range due {
		if d.Action == nil {
			outcomes = append(outcomes, store.Outcome{Work: d, Seen: true})
		}
	}
	return q.Settle(ctx, outcomes)
}

// network adds a network of p1.
func (f *site) network(t testing.TB, name string) core.Network {
	t.Helper()
	must(t, f.NetworkCreate(f.ctx, name, "p1", service.Access{Projects: []string{"p1"}}, ""))
	n, err := f.Network(f.ctx, name)
	must(t, err)
	return n
}

// connect asks for a node's NIC to be put on a network.
func (f *site) connect(t testing.TB, node, network string) string {
	t.Helper()
	id, err := f.NodeConnectNetwork(f.ctx, node, node, network, "")
	must(t, err)
	return id
}

// detach asks for a node's NIC to be taken off a network.
func (f *site) detach(t testing.TB, node, network string) string {
	t.Helper()
	id, err := f.NodeDetachNetwork(f.ctx, node, node, network)
	must(t, err)
	return id
}

// ended waits for an action to end.
func (f *site) ended(t testing.TB, id string) service.Action {
	t.Helper()
	var a service.Action
	storetest.Eventually(t, "action ends", func() (bool, any) {
		var err error
		a, err = f.NetworkingActionShow(f.ctx, id)
		must(t, err)
		return a.Status != string(core.Pending), a
	})
	return a
}

// done waits for an action and wants it DONE.
func (f *site) done(t testing.TB, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if a := f.ended(t, id); a.Status != string(core.Done) {
			t.Fatalf("the action ended as %+v", a)
		}
	}
}

// port is the database's idea of a port.
func (f *site) port(t testing.TB, sw, label string) core.Port {
	t.Helper()
	w, err := f.Switch(f.ctx, sw)
	must(t, err)
	p, err := f.Port(f.ctx, w, label)
	must(t, err)
	return p
}

// lane is the database's idea of a lane.
func (f *site) lane(t testing.TB, sw string) core.Lane {
	t.Helper()
	w, err := f.Switch(f.ctx, sw)
	must(t, err)
	l, err := f.Lane(f.ctx, w.ID)
	must(t, err)
	return l
}

// settled waits until nothing is left to do with a port, and wants the device to carry just the VLANs, the first of them
// natively.
func (f *site) settled(t testing.TB, sw, label string, vlans ...int) {
	t.Helper()
	storetest.Eventually(t, "port "+label+" settles", func() (bool, any) {
		p := f.port(t, sw, label)
		return p.Settled(), p
	})
	want := netswitch.Closed(label)
	if len(vlans) > 0 {
		want = netswitch.PortState{Port: label, Native: vlans[0], Tagged: vlans[1:], Up: true}
	}
	if got := f.devices[sw].port(label); !got.Equal(want) {
		t.Errorf("port %s carries %+v, want %+v", label, got, want)
	}
}

// config is a fabric that waits for little.
func (f *site) config() fabric.Config {
	return fabric.Config{
		Store: f.Store, Drivers: f.drivers(), Log: hclog.NewNullLogger(), Poll: 5 * time.Millisecond, Retries: 3,
		RetryDelay: time.Millisecond, RetryMaxDelay: 10 * time.Millisecond, SaveDelay: time.Millisecond,
		VisitTimeout: time.Hour, Lease: patience, Linger: 5 * time.Millisecond,
	}
}

// run works the switches until the test ends, or until stop is called.
func (f *site) run(t testing.TB, changes ...func(*fabric.Config)) (stop func()) {
	t.Helper()
	c := f.config()
	for _, change := range changes {
		change(&c)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- fabric.New(c).Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error("fabric: ", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// await waits until a channel is closed.
func await(t testing.TB, what string, ended <-chan struct{}) {
	t.Helper()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatalf("not within %v: %s", patience, what)
	}
}

// must ends the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// told reports whether an action's error is the device's words, and what to do about them.
func told(a service.Action, words string) bool {
	advice, ok := strings.CutPrefix(a.Error, words+"; ")
	return ok && advice != ""
}
