package server_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// TestDeleteOfAHeadnodeWhoseHostIsDown succeeds, and nothing is left once the host is back, though the server was killed
// meanwhile. Until then nobody gets the network's VLAN.
func TestDeleteOfAHeadnodeWhoseHostIsDown(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		site := servertest.NewSite(t, uri, servertest.Sections{"haas.ext.network_allocators.vlan_pool": {"vlans": "100"}})
		site.CreateAdmin(t, "root", "roots-password")
		server := site.StartProcess(t, "serve", "--listen", "127.0.0.1:0")
		root := server.As("root", "roots-password")
		root.OK(t, "PUT", "/project/p1", "")
		root.OK(t, "PUT", "/network/w1", `{"owner": "p1", "access": "p1", "net_id": ""}`)
		root.OK(t, "PUT", "/headnode/h1", `{"project": "p1", "base_img": "debian-12"}`)
		root.OK(t, "PUT", "/headnode/h1/hnic/eth0", "")
		root.OK(t, "POST", "/headnode/h1/hnic/eth0/connect_network", `{"network": "w1"}`)
		root.OK(t, "POST", "/headnode/h1/start", "")
		machine := fmt.Sprint("headnode-", root.OK(t, "GET", "/headnode/h1", "").JSON(t)["uuid"])

		host := filepath.Join(site.State, "headnode-default.json")
		if err := os.WriteFile(host+".down", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		root.OK(t, "DELETE", "/headnode/h1", "")
		if got := root.Do(t, "DELETE", "/network/w1", ""); got.Status != http.StatusConflict || !strings.Contains(got.Body, machine) {
			t.Errorf("deleting the network: %d %s", got.Status, got.Body)
		}
		server.Kill(t)
		root = site.StartProcess(t, "serve", "--listen", "127.0.0.1:0").As("root", "roots-password")
		servertest.Eventually(t, "it is tried again, and shown", func() (bool, any) {
			debts := root.OK(t, "GET", "/headnode_debts", "").Body
			return strings.Contains(debts, machine) && strings.Contains(debts, "cannot be reached") && !strings.Contains(debts, `"tries":1,`), debts
		})
		if got := root.Do(t, "PUT", "/network/w2", `{"owner": "p1", "access": "p1", "net_id": ""}`); got.Status/100 == 2 {
			t.Errorf("the VLAN is given to another network: %d %s", got.Status, got.Body)
		}
		if err := os.Remove(host + ".down"); err != nil {
			t.Fatal(err)
		}
		servertest.Eventually(t, "the debt is paid", func() (bool, any) {
			debts := root.OK(t, "GET", "/headnode_debts", "").Body
			return strings.TrimSpace(debts) == "[]", debts
		})
		if left, err := os.ReadFile(host); err != nil || strings.Contains(string(left), machine) {
			t.Errorf("left on the host, %v: %s", err, left)
		}
		root.OK(t, "DELETE", "/network/w1", "")
	})
}
