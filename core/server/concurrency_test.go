package server_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// crowd is how many callers ask for the same thing at once.
const crowd = 8

// rounds is how often each race is run: the predecessor lost most of them at the first try.
const rounds = 3

// together makes calls at the same time, and counts the answers by status.
func together(calls int, call func(i int) servertest.Answer) map[int]int {
	answers := make([]int, calls)
	start := make(chan struct{})
	var callers sync.WaitGroup
	for i := range calls {
		callers.Go(func() {
			<-start
			answers[i] = call(i).Status
		})
	}
	close(start)
	callers.Wait()
	statuses := map[int]int{}
	for _, status := range answers {
		statuses[status]++
	}
	return statuses
}

// TestRaces shows that of many who want the same thing exactly one gets it.
func TestRaces(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		for name, play := range map[string]func(*scene, int){
			"one of eight projects gets a node":                   raceForNode,
			"eight networks get eight VLANs":                      raceForVLANs,
			"one of eight networks gets a channel":                raceForNIC,
			"one of eight networks gets a given VLAN":             raceForGivenVLAN,
			"one of eight cables gets a port":                     raceForPort,
			"one of eight creations of the same name succeeds":    raceForName,
			"a node is either reserved or deleted":                raceReserveDelete,
			"a network is either connected or deleted":            raceConnectDelete,
			"a node that is being connected is not released":      raceConnectRelease,
			"of eight starts of a headnode none fails by another": raceForStart,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := h.scene(t)
				for round := range rounds {
					play(s, round)
				}
			})
		}
	})
}

// wants fails the test if the statuses are others.
func (s *scene) wants(got, want map[int]int) {
	s.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("want answers %v, got %v", want, got)
	}
}

func raceForNode(s *scene, round int) {
	node := fmt.Sprintf("n%d~", round)
	s.node(node)
	if round == 0 {
		for i := range crowd {
			s.root.ok("PUT", fmt.Sprintf("/project/race%d~", i), "")
		}
	}
	s.wants(together(crowd, func(i int) servertest.Answer {
		return s.root.do("POST", fmt.Sprintf("/project/race%d~/connect_node", i), `{"node": "`+node+`"}`)
	}), map[int]int{200: 1, 409: crowd - 1})
	owners := 0
	for i := range crowd {
		for _, n := range s.root.ok("GET", fmt.Sprintf("/project/race%d~/nodes", i), "").List(s.t) {
			if n == s.named(node) {
				owners++
			}
		}
	}
	if owners != 1 {
		s.t.Errorf("node %s has %d owners", node, owners)
	}
}

func raceForVLANs(s *scene, round int) {
	network := func(i int) string { return fmt.Sprintf("/network/w%d%d~", round, i) }
	s.wants(together(crowd, func(i int) servertest.Answer {
		return s.ann.do("PUT", network(i), `{"owner": "p1~", "access": "p1~", "net_id": ""}`)
	}), map[int]int{200: crowd})
	channels := map[any]bool{}
	for i := range crowd {
		channels[s.ann.ok("GET", network(i), "").JSON(s.t)["channels"].([]any)[1]] = true
		s.ann.ok("DELETE", network(i), "")
	}
	if len(channels) != crowd {
		s.t.Errorf("%d networks have the VLANs %v", crowd, channels)
	}
}

func raceForNIC(s *scene, round int) {
	if round == 0 {
		s.reserved("n1~")
		for i := range crowd {
			s.network(fmt.Sprintf("w%d~", i))
		}
	}
	release := s.hold()
	s.wants(together(crowd, func(i int) servertest.Answer {
		return s.ann.do("POST", connect, fmt.Sprintf(`{"network": "w%d~"}`, i))
	}), map[int]int{202: 1, 409: crowd - 1})
	release()
	servertest.Eventually(s.t, "one network is on the NIC", func() (bool, any) {
		networks := s.ann.ok("GET", "/node/n1~", "").JSON(s.t)["nics"].([]any)[0].(map[string]any)["networks"].(map[string]any)
		if len(networks) != 1 {
			return false, networks
		}
		s.ann.done(detach, `{"network": "`+networks["vlan/native"].(string)+`"}`)
		return true, networks
	})
}

func raceForGivenVLAN(s *scene, round int) {
	statuses := together(crowd, func(i int) servertest.Answer {
		return s.root.do("PUT", fmt.Sprintf("/network/w%d%d~", round, i), `{"owner": "admin", "access": "", "net_id": "`+s.vlan()+`"}`)
	})
	s.wants(statuses, map[int]int{200: 1, 409: crowd - 1})
	for i := range crowd {
		s.root.do("DELETE", fmt.Sprintf("/network/w%d%d~", round, i), "")
	}
}

func raceForPort(s *scene, round int) {
	if round == 0 {
		s.cabled()
		for i := range crowd {
			s.node(fmt.Sprintf("n%d~", i))
			s.root.ok("PUT", fmt.Sprintf("/node/n%d~/nic/eth0", i), `{"macaddr": "`+mac+`"}`)
		}
		s.root.ok("PUT", "/switch/s~/port/gi1/0/1", "")
	}
	s.wants(together(crowd, func(i int) servertest.Answer {
		return s.root.do("POST", "/switch/s~/port/gi1/0/1/connect_nic", fmt.Sprintf(`{"node": "n%d~", "nic": "eth0"}`, i))
	}), map[int]int{200: 1, 409: crowd - 1})
	s.wants(together(crowd, func(int) servertest.Answer {
		return s.root.do("POST", "/switch/s~/port/gi1/0/1/detach_nic", "")
	}), map[int]int{200: 1, 404: crowd - 1})
}

func raceForName(s *scene, round int) {
	for path, body := range map[string]string{
		"/project/x%d~":            "",
		"/node/x%d~":               `{"obm": ` + obmOf("h") + `}`,
		"/switch/x%d~":             switchOf("x~"),
		"/network/x%d~":            `{"owner": "p1~", "access": "p1~", "net_id": ""}`,
		"/headnode/x%d~":           `{"project": "p1~", "base_img": "base-headnode"}`,
		"/auth/basic/user/x%d~":    `{"password": "secret"}`,
		"/network/x%d~/access/p2~": "",
	} {
		path = fmt.Sprintf(path, round)
		if path == fmt.Sprintf("/network/x%d~/access/p2~", round) {
			s.root.do("PUT", fmt.Sprintf("/network/x%d~", round), `{"owner": "p1~", "access": "p1~", "net_id": ""}`)
		}
		got := together(crowd, func(int) servertest.Answer { return s.root.do("PUT", path, body) })
		if got[200] > 1 || got[200]+got[409] != crowd {
			s.t.Errorf("PUT %s: want one 200 and else 409, got %v", path, got)
		}
	}
}

func raceReserveDelete(s *scene, round int) {
	node := fmt.Sprintf("n%d~", round)
	s.node(node)
	got := together(2, func(i int) servertest.Answer {
		if i == 0 {
			return s.ann.do("POST", "/project/p1~/connect_node", `{"node": "`+node+`"}`)
		}
		return s.root.do("DELETE", "/node/"+node, "")
	})
	if got[200] != 1 || got[404]+got[409] != 1 {
		s.t.Errorf("want one 200 and one 404 or 409, got %v", got)
	}
}

func raceConnectDelete(s *scene, round int) {
	if round == 0 {
		s.reserved("n1~")
	}
	network := fmt.Sprintf("w%d~", round)
	s.network(network)
	got := together(2, func(i int) servertest.Answer {
		if i == 0 {
			return s.ann.do("POST", connect, `{"network": "`+network+`"}`)
		}
		return s.ann.do("DELETE", "/network/"+network, "")
	})
	if got[202]+got[200] != 1 || got[404]+got[409] != 1 {
		s.t.Errorf("want one success and one 404 or 409, got %v", got)
	}
	if got[202] == 1 {
		s.settle("n1~")
		s.ann.done(detach, `{"network": "`+network+`"}`)
	}
}

// settle waits until the node's NIC has no action pending.
func (s *scene) settle(node string) {
	s.t.Helper()
	servertest.Eventually(s.t, "a network is on "+node, func() (bool, any) {
		nics := s.root.ok("GET", "/node/"+node, "").JSON(s.t)["nics"].([]any)
		networks := nics[0].(map[string]any)["networks"].(map[string]any)
		return len(networks) > 0, networks
	})
}

func raceConnectRelease(s *scene, round int) {
	if round == 0 {
		s.cabled("n1~")
		s.network("w1~")
	}
	s.ann.ok("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
	got := together(2, func(i int) servertest.Answer {
		if i == 0 {
			return s.ann.do("POST", connect, `{"network": "w1~"}`)
		}
		return s.ann.do("POST", "/project/p1~/detach_node", `{"node": "n1~"}`)
	})
	if got[202]+got[200] != 1 || got[409] != 1 {
		s.t.Errorf("want one success and one 409, got %v", got)
	}
	if got[202] == 1 {
		s.settle("n1~")
		s.ann.done(detach, `{"network": "w1~"}`)
		s.ann.ok("POST", "/project/p1~/detach_node", `{"node": "n1~"}`)
	}
}

func raceForStart(s *scene, round int) {
	headnode := fmt.Sprintf("/headnode/h%d~", round)
	s.ann.ok("PUT", headnode, `{"project": "p1~", "base_img": "base-headnode"}`)
	got := together(crowd, func(int) servertest.Answer { return s.ann.do("POST", headnode+"/start", "") })
	s.wants(got, map[int]int{200: crowd})
	s.ann.ok("DELETE", headnode, "")
}
