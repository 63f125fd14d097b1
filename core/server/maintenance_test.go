package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// caretaker is a maintenance service.
type caretaker struct {
	*httptest.Server

	mu sync.Mutex
	// up says that notices are taken; tried and told are the nodes of those that were not and were. Guarded by mu.
	up          bool
	tried, told []string
	// moved asks the server whether a node is in the maintenance project.
	moved func(node string) bool
	early bool
}

func newCaretaker(t *testing.T) *caretaker {
	c := &caretaker{moved: func(string) bool { return true }}
	c.Server = httptest.NewServer(http.HandlerFunc(c.take))
	t.Cleanup(c.Close)
	return c
}

func (c *caretaker) take(w http.ResponseWriter, r *http.Request) {
	var notice struct{ Node string }
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := json.NewDecoder(r.Body).Decode(&notice); err != nil || r.Method != http.MethodPost || !c.up {
		c.tried = append(c.tried, notice.Node)
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	c.early = c.early || !c.moved(notice.Node)
	c.told = append(c.told, notice.Node)
}

func (c *caretaker) set(up bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.up = up
}

// hears waits until the caretaker was told of exactly the nodes, in any order.
func (c *caretaker) hears(t *testing.T, nodes ...string) {
	t.Helper()
	servertest.Eventually(t, "the caretaker is told", func() (bool, any) {
		c.mu.Lock()
		defer c.mu.Unlock()
		told := slices.Sorted(slices.Values(c.told))
		return slices.Equal(told, nodes), told
	})
}

// TestMaintenance shows that released nodes go to the maintenance project, whose service is told of each after that,
// however long it is down and though the server is restarted meanwhile.
func TestMaintenance(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		c := newCaretaker(t)
		site := servertest.NewSite(t, uri, servertest.Sections{
			"maintenance": {"maintenance_project": "maintenance", "url": c.URL, "shutdown": ""},
		})
		site.CreateAdmin(t, "root", "roots-password")
		server := site.Start(t)
		root := server.As("root", "roots-password")
		root.OK(t, "PUT", "/project/p1", "")
		root.OK(t, "PUT", "/project/maintenance", "")
		for _, node := range []string{"n1", "n2"} {
			root.OK(t, "PUT", "/node/"+node, `{"obm": `+obmOf("bmc-"+node)+`}`)
			root.OK(t, "POST", "/project/p1/connect_node", `{"node": "`+node+`"}`)
			root.OK(t, "POST", "/node/"+node+"/power_on", "")
			root.OK(t, "POST", "/project/p1/detach_node", `{"node": "`+node+`"}`)
		}
		if got := root.OK(t, "GET", "/project/maintenance/nodes", "").List(t); !slices.Equal(got, []string{"n1", "n2"}) {
			t.Errorf("the maintenance project has %v", got)
		}
		if got := root.OK(t, "GET", "/node/n1/power_status", "").JSON(t)["power_status"]; got != "off" {
			t.Errorf("a released node is %v", got)
		}
		servertest.Eventually(t, "the caretaker is called in vain", func() (bool, any) {
			c.mu.Lock()
			defer c.mu.Unlock()
			return slices.Contains(c.tried, "n1") && slices.Contains(c.tried, "n2"), c.tried
		})
		server.Stop()

		c.set(true)
		root = site.Start(t).As("root", "roots-password")
		c.hears(t, "n1", "n2")

		c.mu.Lock()
		c.moved = func(node string) bool {
			got, err := root.Try(t.Context(), "GET", "/project/maintenance/nodes", "")
			return err == nil && slices.Contains(got.List(t), node)
		}
		c.mu.Unlock()
		root.OK(t, "POST", "/project/maintenance/detach_node", `{"node": "n1"}`)
		root.OK(t, "POST", "/project/p1/connect_node", `{"node": "n1"}`)
		root.OK(t, "POST", "/project/p1/detach_node", `{"node": "n1"}`)
		c.hears(t, "n1", "n1", "n2")
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.early {
			t.Error("the caretaker was told before the node was moved")
		}
	})
}
