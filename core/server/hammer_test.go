package server_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// TestHammer shows that no mixture of calls at the same time ends in a failure of the server, and that the switch and
// the database agree when all is over.
func TestHammer(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		s := h.scene(t)
		s.cabled("n1~", "n2~", "n3~")
		calls := mixture()
		var callers sync.WaitGroup
		for caller := range crowd {
			callers.Go(func() {
				dice := rand.New(rand.NewPCG(uint64(caller), 7))
				for range 40 {
					c := calls[dice.IntN(len(calls))]
					n := fmt.Sprint(1 + dice.IntN(3))
					path, body := strings.ReplaceAll(c.path, "%", n), strings.ReplaceAll(c.body, "%", n)
					if got := s.root.do(c.method, path, body); got.Status >= 500 {
						t.Errorf("%s %s %s: %d %s", c.method, path, body, got.Status, got.Body)
					}
				}
			})
		}
		callers.Wait()
		s.agrees("n1~", "n2~", "n3~")
	})
}

type call struct{ method, path, body string }

// mixture is calls on the same few objects; % is one of 1, 2 and 3.
func mixture() []call {
	return []call{
		{"PUT", "/network/w%~", `{"owner": "p1~", "access": "p1~", "net_id": ""}`},
		{"PUT", "/network/w%~", `{"owner": "admin", "access": ["p1~", "p2~"], "net_id": ""}`},
		{"DELETE", "/network/w%~", ""},
		{"PUT", "/network/w1~/access/p%~", ""},
		{"DELETE", "/network/w1~/access/p%~", ""},
		{"POST", "/project/p1~/connect_node", `{"node": "n%~"}`},
		{"POST", "/project/p2~/connect_node", `{"node": "n%~"}`},
		{"POST", "/project/p1~/detach_node", `{"node": "n%~"}`},
		{"POST", "/project/p2~/detach_node", `{"node": "n%~"}`},
		{"POST", "/node/n%~/nic/eth0/connect_network", `{"network": "w1~"}`},
		{"POST", "/node/n%~/nic/eth0/connect_network", `{"network": "w2~"}`},
		{"POST", "/node/n1~/nic/eth0/connect_network", `{"network": "w%~"}`},
		{"POST", "/node/n%~/nic/eth0/detach_network", `{"network": "w1~"}`},
		{"POST", "/node/n%~/nic/eth0/detach_network", `{"network": "w2~"}`},
		{"POST", "/switch/s~/port/gi1/0/%/revert", ""},
		{"POST", "/switch/s~/port/gi1/0/%/detach_nic", ""},
		{"POST", "/switch/s~/port/gi1/0/%/connect_nic", `{"node": "n%~", "nic": "eth0"}`},
		{"PUT", "/node/n%~/metadata/note", `{"value": "%"}`},
		{"DELETE", "/node/n%~/metadata/note", ""},
		{"PUT", "/node/n%~/obm", `{"enabled": true}`},
		{"POST", "/node/n%~/power_cycle", ""},
		{"PUT", "/project/p%~", ""},
		{"DELETE", "/project/p3~", ""},
		{"PUT", "/headnode/h%~", `{"project": "p1~", "base_img": "base-headnode"}`},
		{"PUT", "/headnode/h%~/hnic/eth0", ""},
		{"POST", "/headnode/h%~/hnic/eth0/connect_network", `{"network": "w1~"}`},
		{"DELETE", "/headnode/h%~", ""},
		{"PUT", "/auth/basic/user/carol%", `{"password": ""}`},
		{"POST", "/auth/basic/user/bob/add_project", `{"project": "p%~"}`},
		{"POST", "/auth/basic/user/bob/remove_project", `{"project": "p%~"}`},
		{"GET", "/nodes/free", ""},
		{"GET", "/node/n%~", ""},
		{"GET", "/networks", ""},
		{"GET", "/network/w%~", ""},
		{"GET", "/network/w%~/attachments", ""},
		{"GET", "/switch/s~", ""},
		{"GET", "/switch/s~/port/gi1/0/%", ""},
		{"GET", "/project/p1~/networks", ""},
	}
}

// agrees wants every port of the switch to carry, in the end, what the API says of the node on it.
func (s *scene) agrees(nodes ...string) {
	s.t.Helper()
	for i, node := range nodes {
		port := fmt.Sprintf("gi1/0/%d", i+1)
		servertest.Eventually(s.t, "port "+port+" carries what node "+node+" is on", func() (bool, any) {
			var want servertest.PortState
			networks, _ := s.root.ok("GET", "/switch/s~/port/"+port, "").JSON(s.t)["networks"].(map[string]any)
			if w, on := networks["vlan/native"].(string); on {
				channels := s.root.ok("GET", "/network/"+w, "").JSON(s.t)["channels"].([]any)
				_, _ = fmt.Sscanf(channels[1].(string), "vlan/%d", &want.Native) // 0 if it cannot be read, which no port is on
				want.Up = true
			}
			got := s.h.site.Device(s.t, s.named("s~")).Running[port]
			return got.Native == want.Native && got.Up == want.Up && len(got.Tagged) == 0, got
		})
	}
}
