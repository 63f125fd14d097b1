package switches_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// seedsVariable names the seeds of TestInvariants: HAAS_SEEDS="3 17".
const seedsVariable = "HAAS_SEEDS"

const (
	// nodesPerSwitch and fewNetworks are so few that users meet; the pool has fewer VLANs than there are names.
	nodesPerSwitch = 3
	fewNetworks    = 5
	firstVLAN      = 100
	lastVLAN       = 103
	// enough is how many commands of switches end a test, mostCalls how many calls a user makes if they do not come about.
	enough    = 400
	mostCalls = 1000
)

// TestInvariants lets users of two projects do as they please on two switches of different families that break in every
// way, and on which somebody else types. The oracle is asked after each command of a switch. When the trouble is over,
// all actions have ended, and the switches show what the API shows, and nothing more.
func TestInvariants(t *testing.T) {
	t.Parallel()
	seeds := strings.Fields(os.Getenv(seedsVariable))
	if len(seeds) == 0 {
		seeds = []string{"1", "9"}
	}
	for _, text := range seeds {
		t.Run("seed "+text, func(t *testing.T) {
			t.Parallel()
			var seed uint64
			_, err := fmt.Sscan(text, &seed)
			noError(t, err)
			c := newCrowd(t)
			before := c.bystanders()
			m := newMishaps(c.room, c.oracle, seed)
			c.live(t, seed)
			m.end(c.room)
			ends := c.rest(t)
			if after := c.bystanders(); after != before {
				t.Errorf("the ports that are nobody's were\n%s\nand are now\n%s", before, after)
			}
			t.Logf("%d commands, %d faults, meddled with %d times, %d VLANs used again, actions ended %v",
				c.oracle.attended(), m.met(), m.meddling, c.oracle.reused, ends)
			if c.oracle.attended() < enough || m.met() < 10 || m.meddling == 0 || c.oracle.reused == 0 || ends["DONE"] < 10 {
				t.Error("too little happened")
			}
		})
	}
}

// crowd is a site with its users.
type crowd struct {
	*room
	oracle *oracle
	root   servertest.Client

	mu      sync.Mutex
	actions []string // guarded by mu
}

// newCrowd has free nodes on a switch of each family, and two projects.
func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{room: newRoom(t, "", servertest.Sections{
		"fabric":                                {"retries": "2", "check_interval": "300ms", "linger": "500ms", "visit_timeout": "8s"},
		"haas.ext.network_allocators.vlan_pool": {"vlans": fmt.Sprintf("%d-%d", firstVLAN, lastVLAN)},
	})}
	c.oracle = newOracle(t, c.room)
	options := consoletest.Options{Save: 1, Sessions: 2}
	devices := []*device{c.mount(t, "sw-n", nexus(), options), c.mount(t, "sw-p", powerconnect(), options)}
	c.root = c.Start(t).As("root", "secret")
	for _, d := range devices {
		d.register(t, c.root, `, "deadline": "2s"`)
		for n := range nodesPerSwitch {
			c.cable(t, c.root, d, 1+n)
		}
	}
	c.oracle.watch(c.room)
	for user, project := range map[string]string{"ann": "p1", "bob": "p2"} {
		c.root.OK(t, "PUT", "/project/"+project, "")
		c.root.OK(t, "PUT", "/auth/basic/user/"+user, `{"password": "secret"}`)
		c.root.OK(t, "POST", "/auth/basic/user/"+user+"/add_project", `{"project": "`+project+`"}`)
		c.root.OK(t, "PUT", "/network/w"+project[1:], fmt.Sprintf(`{"owner": %q, "access": %q, "net_id": ""}`, project, project))
	}
	return c
}

// live lets the users make their calls.
func (c *crowd) live(t *testing.T, seed uint64) {
	t.Helper()
	var users sync.WaitGroup
	for i, user := range []string{"ann", "ann", "bob", "bob", "root"} {
		client := c.root
		client.User = user
		dice := rand.New(rand.NewPCG(seed, uint64(2+i)))
		users.Go(func() { c.wish(t, client, dice) })
	}
	users.Wait()
}

// wish makes random calls. Some are refused for good reasons, none is a failure of the server.
func (c *crowd) wish(t *testing.T, client servertest.Client, dice *rand.Rand) {
	for range mostCalls {
		if c.oracle.attended() >= enough {
			return
		}
		call := c.pick(t, client, dice)
		got, err := client.Try(t.Context(), call.method, call.path, call.body)
		if err != nil || got.Status == 500 {
			t.Errorf("%s %s %s: %d %s %v", call.method, call.path, call.body, got.Status, got.Body, err)
			return
		}
		action := statusID.FindStringSubmatch(got.Body)
		if action == nil {
			continue
		}
		c.mu.Lock()
		c.actions = append(c.actions, action[1])
		c.mu.Unlock()
		if dice.IntN(4) > 0 {
			c.root.Settled(t, action[1])
		}
	}
}

var statusID = regexp.MustCompile(`"status_id": ?"([^"]+)"`)

type call struct{ method, path, body string }

// pick is a call that makes sense to a user, or would if nobody else made any.
func (c *crowd) pick(t *testing.T, client servertest.Client, dice *rand.Rand) call {
	p, other := "p1", "p2"
	if client.User == "bob" || client.User == "root" && dice.IntN(2) == 0 {
		p, other = other, p
	}
	own := c.root.OK(t, "GET", "/project/"+p+"/nodes", "").List(t)
	free := c.root.OK(t, "GET", "/nodes/free", "").List(t)
	switch n := dice.IntN(10); {
	case len(own) == 0 || len(free) > 0 && n == 0:
		return call{"POST", "/project/" + p + "/connect_node", fmt.Sprintf(`{"node": %q}`, oneOf(dice, append(free, "sw-n-1")))}
	case n < 4:
		return c.pickNetwork(t, client, dice, p, other)
	case n == 4 && client.User == "root":
		at := c.nodes[oneOf(dice, own)]
		return oneOf(dice, []call{
			{"POST", "/switch/" + at.label + "/port/" + at.port + "/revert", ""},
			{"GET", "/switch/" + at.label + "/check", ""},
		})
	default:
		return c.pickChange(t, client, dice, p, oneOf(dice, own))
	}
}

// pickNetwork makes a network that is not there, and removes or shares one that is.
func (c *crowd) pickNetwork(t *testing.T, client servertest.Client, dice *rand.Rand, p, other string) call {
	t.Helper()
	w := "/network/" + c.anyNetwork(dice)
	if there := c.root.Do(t, "GET", w, "").Status == 200; there {
		share := w + "/access/" + other
		return oneOf(dice, []call{{"DELETE", w, ""}, {"DELETE", w, ""}, {"DELETE", w, ""}, {"PUT", share, ""}, {"DELETE", share, ""}})
	}
	owner, access := p, p
	if client.User == "root" && dice.IntN(2) == 0 {
		owner, access = "admin", ""
	}
	return call{"PUT", w, fmt.Sprintf(`{"owner": %q, "access": %q, "net_id": ""}`, owner, access)}
}

func (c *crowd) anyNetwork(dice *rand.Rand) string { return fmt.Sprint("w", dice.IntN(fewNetworks)) }

// pickChange changes what a node of a project is on, or lets it go.
func (c *crowd) pickChange(t *testing.T, client servertest.Client, dice *rand.Rand, p, node string) call {
	on := slices.Sorted(maps.Values(networksOf(t, c.root, node)))
	nic, w := "/node/"+node+"/nic/eth0/", c.anyNetwork(dice)
	release := call{"POST", "/project/" + p + "/detach_node", fmt.Sprintf(`{"node": %q}`, node)}
	connect := call{"POST", nic + "connect_network", fmt.Sprintf(`{"network": %q, "channel": %q}`, w, c.channel(t, w, len(on) > 0 && dice.IntN(4) > 0))}
	switch n := dice.IntN(8); {
	case len(on) > 0 && n < 4:
		return call{"POST", nic + "detach_network", fmt.Sprintf(`{"network": %q}`, oneOf(dice, on))}
	case len(on) == 0 && n == 0 && client.User == "root":
		c.oracle.force(c.nodes[node])
		return call{"POST", release.path, fmt.Sprintf(`{"node": %q, "force": true}`, node)}
	case len(on) == 0 && n < 3:
		return release
	case n == 3:
		return call{"POST", connect.path + "?dry_run=true", connect.body}
	default:
		return connect
	}
}

// channel is a way in which a network may come.
func (c *crowd) channel(t *testing.T, network string, tagged bool) string {
	t.Helper()
	shown := c.root.Do(t, "GET", "/network/"+network, "") // it may have gone
	if channel := taggedChannel.FindString(shown.Body); channel != "" && tagged {
		return channel
	}
	return "vlan/native"
}

func oneOf[T any](dice *rand.Rand, some []T) T { return some[dice.IntN(len(some))] }

// rest waits until all is over, and counts how the actions ended.
func (c *crowd) rest(t *testing.T) map[string]int {
	t.Helper()
	ends := map[string]int{}
	for _, id := range c.actions {
		end := c.root.Settled(t, id)
		ends[fmt.Sprint(end["status"])]++
		if end["status"] == "ERROR" && end["error"] == "" {
			t.Errorf("an action failed without a word: %v", end)
		}
	}
	c.atRest(t, c.root, c.oracle)
	return ends
}

// bystanders are the ports without a node.
func (c *crowd) bystanders() string {
	var b strings.Builder
	for _, label := range []string{"sw-n", "sw-p"} {
		for _, port := range c.switches[label].Ports()[nodesPerSwitch:] {
			fmt.Fprintf(&b, "%s %+v\n", port, c.switches[label].Configured(port))
		}
	}
	return b.String()
}
