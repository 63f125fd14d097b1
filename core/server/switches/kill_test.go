package switches_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// deaths is how often somebody is killed in a test.
const deaths = 5

// TestKilledInAVisit kills a driver, or the whole server, by SIGKILL between a command of a visit and its answer. Every
// action is carried to its end by who comes after, and no port carries at any time what it may not.
func TestKilledInAVisit(t *testing.T) {
	t.Parallel()
	for name, driver := range map[string]bool{"the driver": true, "the server": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, f family) { newAssassin(t, f, driver).run(t) })
		})
	}
}

// assassin kills at a command of a switch.
type assassin struct {
	*room
	oracle *oracle
	sw     *device
	// driver says that the driver is killed, and not the server.
	driver bool
	nodes  []string

	mu sync.Mutex
	// The fields below are guarded by mu.
	victim *servertest.Process
	// after is how many commands there are until the next death, which happens once.
	after int
	fell  bool
}

// newAssassin has the nodes of a project on a switch, and a server that works in another process.
func newAssassin(t *testing.T, f family, driver bool) *assassin {
	t.Helper()
	a := &assassin{driver: driver, room: newRoom(t, "", servertest.Sections{"fabric": {"lease": "1s"}})}
	a.oracle = newOracle(t, a.room)
	a.sw = a.mount(t, "sw", f, consoletest.Options{Save: 1})
	a.sw.OnCommand(func(consoletest.Typed) { a.strike(t) })
	root := a.restart(t)
	a.sw.register(t, root, `, "deadline": "5s"`)
	for n := range nodesPerSwitch {
		a.nodes = append(a.nodes, a.cable(t, root, a.sw, 1+n))
	}
	a.oracle.watch(a.room)
	root.OK(t, "PUT", "/project/p1", "")
	for i, node := range a.nodes {
		root.OK(t, "POST", "/project/p1/connect_node", `{"node": "`+node+`"}`)
		root.OK(t, "PUT", fmt.Sprintf("/network/w%d", i), `{"owner": "p1", "access": "p1", "net_id": ""}`)
	}
	return a
}

// restart starts the server.
func (a *assassin) restart(t *testing.T) servertest.Client {
	t.Helper()
	p := a.StartProcess(t, "serve", "--listen", "127.0.0.1:0")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.victim = p
	return p.As("root", "secret")
}

// strike is called with each command, while the switch stands still.
func (a *assassin) strike(t *testing.T) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.after--; a.after != 0 {
		return
	}
	a.fell = true
	if a.driver {
		if n := a.victim.KillDriver(t, "switch-"+a.sw.family.name[:1]); n != 1 {
			t.Errorf("there were %d processes of the driver", n)
		}
	} else {
		a.victim.Kill(t)
	}
}

// arm has the next death happen after so many commands.
func (a *assassin) arm(after int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.after, a.fell = after, false
}

// struck reports whether somebody has died since.
func (a *assassin) struck() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fell
}

// run has somebody die in one visit after the other. Each takes nodes from no network to one, or back.
func (a *assassin) run(t *testing.T) {
	t.Helper()
	seed := rand.Uint64()
	dice := rand.New(rand.NewPCG(seed, 1))
	root := a.victim.As("root", "secret")
	for i := range deaths {
		calls := a.plan(t, root, dice)
		a.arm(1 + dice.IntN(6))
		actions := a.ask(t, root, calls)
		servertest.Eventually(t, "somebody is killed", func() (bool, any) { return a.struck(), a.sw.History() })
		if !a.driver {
			root = a.restart(t)
		}
		for _, id := range actions {
			if end := root.Settled(t, id); end["status"] != "DONE" {
				t.Errorf("seed %d, death %d: action ended %v", seed, i, end)
			}
		}
		a.atRest(t, root, a.oracle)
	}
	if most := a.sw.MostSessions(); most > 2 {
		t.Errorf("seed %d: there were %d sessions at once", seed, most)
	}
	a.victim.Kill(t)
	servertest.Eventually(t, "no session is left", func() (bool, any) { return a.sw.Sessions() == 0, a.sw.Sessions() })
}

// plan is a change for every node.
func (a *assassin) plan(t *testing.T, root servertest.Client, dice *rand.Rand) []call {
	t.Helper()
	var calls []call
	for _, node := range a.nodes {
		verb, network := "connect_network", fmt.Sprint("w", dice.IntN(len(a.nodes)))
		for _, on := range networksOf(t, root, node) {
			verb, network = "detach_network", on
		}
		calls = append(calls, call{"POST", "/node/" + node + "/nic/eth0/" + verb, fmt.Sprintf(`{"network": %q}`, network)})
	}
	return calls
}

// ask makes the calls for as long as there is a server, and gives the actions.
func (a *assassin) ask(t *testing.T, root servertest.Client, calls []call) (actions []string) {
	t.Helper()
	for _, c := range calls {
		got, err := root.Try(t.Context(), c.method, c.path, c.body)
		if err != nil {
			return actions
		}
		if id := statusID.FindStringSubmatch(got.Body); id != nil {
			actions = append(actions, id[1])
		} else {
			t.Errorf("%s %s: %d %s", c.path, c.body, got.Status, got.Body)
		}
	}
	return actions
}
