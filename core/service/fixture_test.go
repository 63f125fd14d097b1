package service_test

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/power"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// world is a service on a site of its own:
//
//	projects  p1, p2, maintenance
//	nodes     n1 in p1: eth0 on gi1, eth1 on no port, eth2 on port gi1 of switch plain
//	          n2 in p2: eth0 on gi2
//	          f1:       free, eth0 on gi3
//	          bare:     free, no NICs
//	switches  s1: gi1 to gi4; plain: gi1
//	networks  w1 of p1, w2 of p2; of the administrator: pub, open to all; given, open to all, VLAN 900;
//	          provider, for p1; closed, for nobody
//	headnodes h1 of p1: hn0
//	users     alice in p1
type world struct {
	*service.Service
	s    *store.Store
	obm  *fakeOBM
	host *fakeHost
	// switches answer what the service asks them.
	switches *fakeLanes
	// wakes and notices count the calls that the fabric and the maintenance poster got.
	wakes, notices atomic.Int64
	// Callers: an administrator, members of p1 and p2, and somebody who is neither.
	admin, u1, u2, nobody context.Context
}

// each runs a test in a world of its own on both databases.
func each(t *testing.T, test func(t *testing.T, w *world), options ...func(*service.Config)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, newWorld(t, s, options...)) })
}

// deadline is how long a controller may take to tell its node's power.
const deadline = time.Minute

func newWorld(t *testing.T, s *store.Store, options ...func(*service.Config)) *world {
	t.Helper()
	w := &world{s: s, obm: &fakeOBM{status: obm.PowerOn}, host: newFakeHost(64 << 10), switches: &fakeLanes{}}
	found := drivers.Static{
		Switches: []netswitch.Driver{fakeSwitch{}}, OBMs: []obm.Driver{w.obm}, Headnodes: []headnode.Driver{w.host},
	}
	headnodes := service.HeadnodeConfig{Type: hostType, Images: []string{"img2", "img1"}}
	hub := console.New(console.Config{
		Store: s, Open: service.ConsoleOpener(found), OpenHeadnode: service.HeadnodeConsoleOpener(found, headnodes), Log: hclog.NewNullLogger(), Dir: t.TempDir(), LogSize: 1 << 20,
	})
	screens := console.NewScreens()
	t.Cleanup(hub.Shutdown)
	t.Cleanup(screens.Shutdown)
	c := service.Config{
		Store: s, Consoles: hub, Screens: screens, Log: hclog.NewNullLogger(), Accounts: true, Drivers: found,
		Wake: func() { w.wakes.Add(1) }, Ask: w.switches.ask, Notify: func() { w.notices.Add(1) },
		Pool:       get(config.ParseVLANs("101-120"))(t),
		Headnodes:  headnodes,
		Extensions: []string{"haas.ext.auth.database"},
	}
	c.Powers = power.New(power.Config{
		Store: s, Ask: service.AskPower(c.Drivers, c.Log), Log: c.Log, Rate: 1000, Deadline: deadline,
	})
	for _, option := range options {
		option(&c)
	}
	c.Debts = service.NewDebts(service.DebtsConfig{Store: s, Drivers: c.Drivers, Headnodes: c.Headnodes, Log: c.Log})
	w.Service = service.New(c)
	w.populate(t)
	return w
}

func (w *world) populate(t *testing.T) {
	t.Helper()
	w.admin = auth.With(t.Context(), auth.Caller{Name: "root", Admin: true})
	for _, p := range []string{"p1", "p2", "maintenance"} {
		must(t, w.ProjectCreate(w.admin, p))
	}
	w.u1, w.u2 = w.member(t, "alice", "p1"), w.member(t, "bob", "p2")
	w.nobody = t.Context()
	for _, n := range []string{"n1", "n2", "f1", "bare"} {
		must(t, w.NodeRegister(w.admin, n, device(obmType), nil))
	}
	w.cable(t)
	must(t, w.ProjectConnectNode(w.admin, "p1", "n1"))
	must(t, w.ProjectConnectNode(w.admin, "p2", "n2"))
	w.addNetworks(t)
	must(t, w.HeadnodeCreate(w.admin, "h1", "p1", "img1", service.HeadnodeSeed{}))
	must(t, w.HeadnodeCreateHNIC(w.admin, "h1", "hn0"))
	must(t, w.s.CreateUser(t.Context(), core.User{Label: "alice"})) // without the cost of a hash
	if w.Accounts {
		must(t, w.UserAddProject(w.admin, "alice", "p1"))
	}
}

func (w *world) cable(t *testing.T) {
	t.Helper()
	must(t, w.SwitchRegister(w.admin, "s1", device(switchType)))
	must(t, w.SwitchRegister(w.admin, "plain", device(plainSwitchType)))
	for _, p := range []string{"gi1", "gi2", "gi3", "gi4"} {
		must(t, w.SwitchRegisterPort(w.admin, "s1", p))
	}
	must(t, w.SwitchRegisterPort(w.admin, "plain", "gi1"))
	for _, c := range []struct{ node, nic, sw, port string }{
		{"n1", "eth0", "s1", "gi1"}, {"n1", "eth1", "", ""}, {"n1", "eth2", "plain", "gi1"},
		{"n2", "eth0", "s1", "gi2"}, {"f1", "eth0", "s1", "gi3"},
	} {
		must(t, w.NodeRegisterNIC(w.admin, c.node, c.nic, "52-54-00-12-34-56"))
		if c.sw != "" {
			must(t, w.PortConnectNIC(w.admin, c.sw, c.port, c.node, c.nic))
		}
	}
	w.settle(t)
}

func (w *world) addNetworks(t *testing.T) {
	t.Helper()
	must(t, w.NetworkCreate(w.admin, "w1", "p1", only("p1"), ""))
	must(t, w.NetworkCreate(w.admin, "w2", "p2", only("p2"), ""))
	must(t, w.NetworkCreate(w.admin, "pub", "admin", service.Access{Public: true}, ""))
	must(t, w.NetworkCreate(w.admin, "given", "admin", service.Access{Public: true}, "900"))
	must(t, w.NetworkCreate(w.admin, "provider", "admin", only("p1"), ""))
	must(t, w.NetworkCreate(w.admin, "closed", "admin", service.Access{}, ""))
}

// member is a caller who belongs to a project.
func (w *world) member(t *testing.T, name, project string) context.Context {
	t.Helper()
	p := get(w.s.Project(t.Context(), project))(t)
	return auth.With(t.Context(), auth.Caller{Name: name, Projects: []int64{p.ID}})
}

// device is a device that the fake drivers accept.
func device(typeURL string) service.DriverSettings {
	return service.DriverSettings{Type: typeURL, Settings: map[string]json.RawMessage{"host": []byte(`"h"`), "password": []byte(`"hunter2"`)}}
}

func only(projects ...string) service.Access { return service.Access{Projects: projects} }

// settle does what the fabric does when every switch obeys.
func (w *world) settle(t *testing.T) {
	t.Helper()
	for _, label := range get(w.s.SwitchLabels(t.Context()))(t) {
		sw := get(w.s.Switch(t.Context(), label))(t)
		var outcomes []store.Outcome
		for _, work := range get(w.s.Work(t.Context(), sw.ID))(t) {
			outcomes = append(outcomes, store.Outcome{Work: work, Seen: true, VLANs: wanted(work)})
		}
		must(t, w.s.InTx(t.Context(), func(ctx context.Context, q store.Queries) error { return q.Settle(ctx, outcomes) }))
	}
}

// wanted are the VLANs that a port should carry.
func wanted(work store.Work) []int {
	var vlans []int
	a := work.Action
	for _, on := range work.Attached {
		if a == nil || a.Type != core.RevertPort && (work.Connect != nil || on.Channel != a.Channel) {
			vlans = append(vlans, on.VLAN)
		}
	}
	if work.Connect != nil {
		vlans = append(vlans, work.Connect.VLAN)
	}
	return vlans
}

// connected puts n1's eth0 on w1.
func (w *world) connected(t *testing.T) {
	t.Helper()
	get(w.NodeConnectNetwork(w.u1, "n1", "eth0", "w1", ""))(t)
	w.settle(t)
}

// success is what an attempt that must not fail wants.
const success core.Kind = -1

// attempt is one call by one caller, and what must come of it.
type attempt struct {
	name string
	who  context.Context //nolint:containedctx // the caller.
	call func(context.Context) error
	want core.Kind
}

// try makes the attempts in order.
func try(t *testing.T, attempts ...attempt) {
	t.Helper()
	for _, a := range attempts {
		err := a.call(a.who)
		switch {
		case a.want == success && err != nil:
			t.Errorf("%s: %v", a.name, err)
		case a.want != success && (err == nil || core.KindOf(err) != a.want):
			t.Errorf("%s: kind %d (%v), want %d", a.name, core.KindOf(err), err, a.want)
		}
	}
}

// drop is the error of a call that answers something too.
func drop[T any](_ T, err error) error { return err }

// get is what a call answered, once it is told the test to end on an error: get(w.NodeShow(ctx, "n1"))(t).
func get[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// must ends the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantKind fails the test unless err is of the kind.
func wantKind(t *testing.T, err error, want core.Kind) {
	t.Helper()
	if err == nil || core.KindOf(err) != want {
		t.Errorf("kind %d (%v), want %d", core.KindOf(err), err, want)
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
