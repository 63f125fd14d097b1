package server_test

import (
	"fmt"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// TestWorkflow walks the classic way of a node from its registration to its release.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	site := servertest.NewSite(t, "", nil)
	site.CreateAdmin(t, "root", "secret")
	admin := site.Start(t).As("root", "secret")

	admin.OK(t, "PUT", "/switch/sw1", `{"type": "`+servertest.SwitchMock+`", "hostname": "sw1", "username": "u", "password": "hush-switch"}`)
	admin.OK(t, "PUT", "/node/n1", `{"obm": {"type": "`+servertest.OBMMock+`", "host": "bmc1", "user": "u", "password": "hush-bmc"}}`)
	admin.OK(t, "PUT", "/node/n1/nic/eth0", `{"macaddr": "52:54:00:12:34:56"}`)
	admin.OK(t, "PUT", "/switch/sw1/port/gi1/0/1", "")
	admin.OK(t, "POST", "/switch/sw1/port/gi1%2F0%2F1/connect_nic", `{"node": "n1", "nic": "eth0"}`)
	admin.OK(t, "PUT", "/project/p1", "")
	admin.OK(t, "POST", "/project/p1/connect_node", `{"node": "n1"}`)
	admin.OK(t, "PUT", "/network/w1", `{"creator": "p1", "access": "p1", "net_id": ""}`)

	if end := admin.Act(t, "/node/n1/nic/eth0/connect_network", `{"network": "w1"}`); end["status"] != "DONE" {
		t.Fatalf("connect ended as %v", end)
	}
	if got := site.Device(t, "sw1").Running["gi1/0/1"]; got.Native != 100 || !got.Up {
		t.Errorf("after connect the port is %+v", got)
	}
	if got := fmt.Sprint(admin.OK(t, "GET", "/node/n1", "").JSON(t)["nics"]); got == "" {
		t.Error("show_node has no NICs")
	}
	admin.OK(t, "POST", "/node/n1/power_cycle", "")
	if got := admin.OK(t, "GET", "/node/n1/power_status", "").JSON(t)["power_status"]; got != "on" {
		t.Errorf("power status after a cycle is %v", got)
	}
	if end := admin.Act(t, "/node/n1/nic/eth0/detach_network", `{"network": "w1"}`); end["status"] != "DONE" {
		t.Fatalf("detach ended as %v", end)
	}
	if got := site.Device(t, "sw1").Running["gi1/0/1"]; got.Native != 0 || got.Up {
		t.Errorf("after detach the port is %+v", got)
	}
	admin.OK(t, "POST", "/project/p1/detach_node", `{"node": "n1"}`)
	admin.OK(t, "DELETE", "/network/w1", "")
	admin.OK(t, "DELETE", "/project/p1", "")
}
