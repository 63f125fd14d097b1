package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	ipmi "github.com/bougou/go-ipmi/pkg/client"
	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

const (
	// controllers is how many there are, and dead how many of them answer nothing.
	controllers = 500
	dead        = 50
	// controllerUser and controllerPassword are the account on each.
	controllerUser, controllerPassword = "u", "hush-hush"
)

// BenchmarkSweep measures how long it takes to ask 500 controllers for the power of their nodes, of which 50 are dead,
// against one timeout of the driver and the time in which the bare library asks the live ones, all at once.
func BenchmarkSweep(b *testing.B) {
	t := table{against: "one timeout + live ones"}
	for _, kind := range kinds {
		f := newField(b, kind)
		f.cold(b, &t, kind)
		f.warm(b, &t, kind)
	}
	t.print(os.Stdout)
}

// field is a site whose nodes have simulated controllers; the first of them are dead.
type field struct {
	*site
	all []*bmctest.Controller
	// timeout is what a dead one costs the driver, in milliseconds.
	timeout float64
}

func newField(b *testing.B, kind string) *field {
	b.Helper()
	f := &field{site: openSite(b, kind)}
	var nodes []core.Node
	for i := range controllers {
		c := get(bmctest.Listen("127.0.0.1:0", bmctest.Options{Users: []bmctest.User{{Name: controllerUser, Password: controllerPassword}}}))(b)
		b.Cleanup(func() { _ = c.Close() }) // the socket is all there is
		c.SetDeaf(i < dead)
		f.all = append(f.all, c)
		t := controllerTarget(c, i)
		nodes = append(nodes, core.Node{ID: int64(i + 1), Label: t.Name, OBMType: t.Type, OBMSettings: core.Settings(t.Settings), OBMEnabled: true})
	}
	insert(b, f.db, nodes)
	f.analyse(b, kind)
	f.timeout = f.askDead(b)
	return f
}

func controllerTarget(c *bmctest.Controller, i int) sdk.Target {
	settings := fmt.Sprintf(`{"host": "127.0.0.1", "port": %d, "user": %q, "password": %q}`, c.Address().Port, controllerUser, controllerPassword)
	return sdk.Target{Name: nodeLabel(i), Type: servertest.OBMIPMILAN, Settings: sdk.Settings(settings)}
}

// askDead is how long the driver takes to give one dead controller up.
func (f *field) askDead(b *testing.B) float64 {
	b.Helper()
	drivers := host(b, map[string]map[string]string{"obm-ipmi": {"type": servertest.OBMIPMILAN}})
	driver := get(drivers.OBM(servertest.OBMIPMILAN))(b)
	return each(1, func() {
		if _, err := driver.Open(b.Context(), controllerTarget(f.all[0], 0)); sdk.CodeOf(err) != sdk.Unavailable {
			b.Fatalf("a dead controller was given up with %v", err)
		}
	})
}

// start runs a server that asks nobody by itself, as fast as it may.
func (f *field) start(b *testing.B) *servertest.Server {
	b.Helper()
	return servertest.NewSite(b, f.uri, servertest.Sections{
		"general": {"log_level": "WARNING"}, "power": {"interval": "0", "rate": "1000"},
	}).Start(b)
}

// sweep has all nodes asked, and looks at what was found.
func (f *field) sweep(b *testing.B, c *client) float64 {
	b.Helper()
	var body string
	took := each(1, func() { body = c.ask(b, request(http.MethodGet, "/v0/nodes/power?fresh=true", "")) })
	var list []struct {
		Node, Power, Error string
		Age                *float64
	}
	must(b, json.Unmarshal([]byte(body), &list))
	if len(list) != controllers {
		b.Fatalf("%d nodes were told, want %d", len(list), controllers)
	}
	for i, n := range list {
		want := obm.PowerOff.String()
		if i < dead {
			want = core.PowerUnknown
		}
		if n.Node != nodeLabel(i) || n.Power != want || n.Age == nil || *n.Age*1000 > took {
			b.Fatalf("node %d is told as %+v after %.0f ms, want %s", i, n, took, want)
		}
	}
	return took
}

// cold measures the first sweep of a server, which logs in to all controllers.
func (f *field) cold(b *testing.B, t *table, kind string) {
	b.Helper()
	var ours, bare []float64
	for range few {
		server := f.start(b)
		ours = append(ours, f.sweep(b, dial(b, server.URL)))
		server.Stop()
		bare = append(bare, f.timeout+each(1, func() { leave(b, f.connect(b)) }))
	}
	f.report(t, "every controller logged in to, "+kind, median(ours), median(bare))
}

// warm measures the sweeps after the first: sessions with the live ones are open.
func (f *field) warm(b *testing.B, t *table, kind string) {
	b.Helper()
	server := dial(b, f.start(b).URL)
	f.sweep(b, server)
	sessions := f.connect(b)
	m := inTurns(b,
		func(b *testing.B) float64 { return f.sweep(b, server) },
		func(b *testing.B) float64 { return f.timeout + each(1, func() { askAll(b, sessions) }) })
	leave(b, sessions)
	f.report(t, "sessions open, "+kind, m[0], m[1])
}

func (f *field) report(t *table, what string, ours, bare float64) {
	what = fmt.Sprintf("power of %d nodes, %d dead, ", controllers, dead) + what
	t.add(row{what, figure{ours, "ms"}, figure{bare, "ms"}, ratioAtMost(1.5)})
}

// connect logs in to all live controllers at once and asks each for the power of its node, with the bare library.
func (f *field) connect(b *testing.B) []*ipmi.Client {
	b.Helper()
	sessions := make([]*ipmi.Client, controllers-dead)
	together(b, len(sessions), func(ctx context.Context, i int) (err error) {
		at := f.all[dead+i].Address()
		if sessions[i], err = ipmi.NewClient(at.IP.String(), at.Port, controllerUser, controllerPassword); err != nil {
			return err
		}
		sessions[i].WithInterface(ipmi.InterfaceLanplus).WithTimeout(10 * time.Second).WithCipherSuiteID(types.CipherSuiteID3)
		if err := sessions[i].Connect(ctx); err != nil {
			return err
		}
		_, err = sessions[i].GetChassisStatus(ctx)
		return err
	})
	return sessions
}

func askAll(b *testing.B, sessions []*ipmi.Client) {
	b.Helper()
	together(b, len(sessions), func(ctx context.Context, i int) error {
		_, err := sessions[i].GetChassisStatus(ctx)
		return err
	})
}

func leave(b *testing.B, sessions []*ipmi.Client) {
	b.Helper()
	together(b, len(sessions), func(ctx context.Context, i int) error { return sessions[i].Close(ctx) })
}

// together does n things at once.
func together(b *testing.B, n int, do func(ctx context.Context, i int) error) {
	b.Helper()
	failures := make([]error, n)
	var doing sync.WaitGroup
	for i := range n {
		doing.Go(func() { failures[i] = do(b.Context(), i) })
	}
	doing.Wait()
	for _, err := range failures {
		must(b, err)
	}
}
