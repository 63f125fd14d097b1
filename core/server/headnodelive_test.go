package server_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// mockHost is the file in which the mock keeps its only host.
type mockHost string

// vlan is what the only machine's only card is on.
func (m mockHost) vlan(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(string(m))
	if err != nil {
		t.Fatal(err)
	}
	var host struct {
		Machines map[string]struct {
			NICs []struct {
				VLAN int `json:"vlan"`
			} `json:"nics"`
		} `json:"machines"`
	}
	if err := json.Unmarshal(text, &host); err != nil {
		t.Fatal(err)
	}
	for _, machine := range host.Machines {
		return machine.NICs[0].VLAN
	}
	return -1
}

// TestNetworksOfAStartedHeadnode change with live alone, and stay recorded while the host cannot confirm that they are gone.
// What haas.cfg says of headnodes holds.
func TestNetworksOfAStartedHeadnode(t *testing.T) {
	t.Parallel()
	site := servertest.NewSite(t, "", servertest.Sections{"headnode": {
		"base_imgs": "debian-12", "trunk_vlans": "900", "max_per_project": "1", "max_hnics": "1",
	}})
	site.CreateAdmin(t, "root", "roots-password")
	root := site.Start(t).As("root", "roots-password")
	host := mockHost(filepath.Join(site.State, "headnode-default.json"))
	refused := func(status int, words, method, path, body string) {
		t.Helper()
		if got := root.Do(t, method, path, body); got.Status != status || !strings.Contains(got.Body, words) {
			t.Errorf("%s %s: %d %s, want %d and %q", method, path, got.Status, got.Body, status, words)
		}
	}
	isOn := func(want int) {
		t.Helper()
		if got := host.vlan(t); got != want {
			t.Errorf("the machine is on VLAN %d, want %d", got, want)
		}
	}
	root.OK(t, "PUT", "/project/p1", "")
	for name, vlan := range map[string]string{"w1": "", "given": "900", "far": "901"} {
		root.OK(t, "PUT", "/network/"+name, `{"owner": "admin", "access": ["p1"], "net_id": "`+vlan+`"}`)
	}
	root.OK(t, "PUT", "/headnode/h1", `{"project": "p1", "base_img": "debian-12"}`)
	refused(http.StatusConflict, "max_per_project", "PUT", "/headnode/h2", `{"project": "p1", "base_img": "debian-12"}`)
	const nic = "/headnode/h1/hnic/eth0"
	root.OK(t, "PUT", nic, "")
	refused(http.StatusConflict, "max_hnics", "PUT", "/headnode/h1/hnic/eth1", "")
	refused(http.StatusBadRequest, "trunk_vlans", "POST", nic+"/connect_network", `{"network": "far"}`)
	root.OK(t, "POST", nic+"/connect_network?live=true", `{"network": "given"}`)
	root.OK(t, "POST", "/headnode/h1/start", "")
	isOn(900)

	refused(http.StatusConflict, "live=true", "POST", nic+"/detach_network", "")
	refused(http.StatusConflict, "live=true", "POST", nic+"/detach_network?live=false", "")
	refused(http.StatusBadRequest, "live", "POST", nic+"/detach_network?live=maybe", "")
	root.OK(t, "POST", nic+"/connect_network?live=true", `{"network": "w1"}`)
	if host.vlan(t) == 900 {
		t.Error("the machine is still on VLAN 900")
	}
	root.OK(t, "DELETE", "/network/given", "")
	if err := os.WriteFile(string(host)+".down", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(http.StatusServiceUnavailable, "still counts as on its network", "POST", nic+"/detach_network?live=true", "")
	refused(http.StatusConflict, "headnode NICs on it", "DELETE", "/network/w1", "")
	if err := os.Remove(string(host) + ".down"); err != nil {
		t.Fatal(err)
	}
	root.OK(t, "POST", nic+"/detach_network?live=true", "")
	isOn(0)
	root.OK(t, "DELETE", "/network/w1", "")
}
