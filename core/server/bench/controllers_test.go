package bench_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ipmi "github.com/bougou/go-ipmi/pkg/client"
	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

// slow is how long a controller takes to answer; OpenIPMI's simulator takes 5 to 7 ms.
const slow = 5 * time.Millisecond

// BenchmarkControllers measures out-of-band management on simulated controllers, against the bare library on a session
// that is kept, and against processes of ipmitool.
func BenchmarkControllers(b *testing.B) {
	t := table{against: "other"}
	b.Run("power status", func(b *testing.B) { powerStatus(b, &t) })
	b.Run("consoles", func(b *testing.B) { manyWatched(b, &t) })
	t.print(os.Stdout)
}

// bmcUser and bmcPassword open the simulated controllers.
const bmcUser, bmcPassword = "admin", "Bmc-secret-62"

// powerStatus compares asking for a node's power, from the API to the controller and back, with those who ask the
// controller themselves. One controller answers at once, which none made of hardware does: what it takes is the time of
// HaaS, which ipmitool is held against. The library beside it does next to nothing, so that has a slow one.
func powerStatus(b *testing.B, t *table) {
	const often, seldom = 500, 20
	quick, late := simulate(b, bmctest.Options{}), simulate(b, bmctest.Options{Latency: slow})
	haas := dial(b, newControllerSite(b, quick, late).serve(b).URL)
	tool := ipmitool(b, quick)
	m := inTurns(b,
		askHaaS(haas, nodeLabel(0), often), askLibrary(logIn(b, quick), often),
		askHaaS(haas, nodeLabel(1), often), askLibrary(logIn(b, late), often),
		func(b *testing.B) float64 {
			return typical(seldom, func() {
				out, err := exec.CommandContext(b.Context(), tool[0], tool[1:]...).CombinedOutput() //nolint:gosec // a program of the system
				must(b, err)
				mustSay(b, string(out), "Power is off")
			})
		})
	const what = "power status from API to controller and back, p50, "
	t.add(
		row{what + "controller at once : ipmitool", figure{m[0], "ms"}, figure{m[4], "ms"}, ratioAtMost(1.0 / 20)},
		row{what + "controller in 5 ms : go-ipmi, session kept", figure{m[2], "ms"}, figure{m[3], "ms"}, ratioAtMost(2)},
		row{what + "controller at once : go-ipmi, session kept", figure{m[0], "ms"}, figure{m[1], "ms"}, goal{}})
}

// askHaaS is the milliseconds that a node's power status takes.
func askHaaS(c *client, node string, times int) func(*testing.B) float64 {
	ask := request(http.MethodGet, "/v0/node/"+node+"/power_status", "")
	return func(b *testing.B) float64 {
		return typical(times, func() { mustSay(b, c.ask(b, ask), `"off"`) })
	}
}

// askLibrary is the milliseconds that it takes the library alone.
func askLibrary(c *ipmi.Client, times int) func(*testing.B) float64 {
	return func(b *testing.B) float64 {
		return typical(times, func() {
			if get(c.GetChassisStatus(b.Context()))(b).PowerIsOn {
				b.Fatal("the power is on")
			}
		})
	}
}

func mustSay(b *testing.B, text, want string) {
	b.Helper()
	if !strings.Contains(text, want) {
		b.Fatalf("got %q, want %q", text, want)
	}
}

// newControllerSite is a site whose nodes have the controllers.
func newControllerSite(b *testing.B, all ...*bmctest.Controller) *site {
	b.Helper()
	s := openSite(b, storetest.SQLite)
	var nodes []core.Node
	for i, c := range all {
		settings := fmt.Sprintf(`{"host": "127.0.0.1", "port": %d, "user": %q, "password": %q}`, c.Address().Port, bmcUser, bmcPassword)
		nodes = append(nodes, core.Node{
			ID: int64(i + 1), Label: nodeLabel(i), OBMType: servertest.OBMIPMILAN, OBMSettings: core.Settings(settings), OBMEnabled: true,
		})
	}
	insert(b, s.db, nodes)
	return s
}

// simulate starts a controller until the end of the benchmark.
func simulate(b *testing.B, o bmctest.Options) *bmctest.Controller {
	b.Helper()
	o.Users = []bmctest.User{{Name: bmcUser, Password: bmcPassword}}
	c := get(bmctest.Listen("127.0.0.1:0", o))(b)
	b.Cleanup(func() { _ = c.Close() })
	return c
}

// logIn is the bare library on a session that is kept.
func logIn(b *testing.B, at *bmctest.Controller) *ipmi.Client {
	b.Helper()
	c := get(ipmi.NewClient("127.0.0.1", at.Address().Port, bmcUser, bmcPassword))(b)
	c.WithCipherSuiteID(types.CipherSuiteID3)
	must(b, c.Connect(b.Context()))
	b.Cleanup(func() { _ = c.Close(context.WithoutCancel(b.Context())) }) // the controller forgets it otherwise
	return c
}

// ipmitool is its command that asks for the power.
func ipmitool(b *testing.B, at *bmctest.Controller) []string {
	b.Helper()
	path := get(exec.LookPath("ipmitool"))(b)
	file := filepath.Join(b.TempDir(), "password")
	must(b, os.WriteFile(file, []byte(bmcPassword), 0o600))
	return []string{path, "-I", "lanplus", "-C", "3", "-H", "127.0.0.1", "-p", fmt.Sprint(at.Address().Port), "-U", bmcUser, "-f", file, "chassis", "power", "status"}
}
