package bench_test

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// What published measurements of such switches found.
const (
	loginTime   = 3 * time.Second
	commandTime = 100 * time.Millisecond
	saveTime    = 8 * time.Second
)

// tenants is how many networks there are for simulated switches.
const tenants = 16

// hall is a site with simulated switches, whose server is running. Nothing is saved during a measurement unless that is
// what is measured: what is asked for meanwhile would wait for its end.
type hall struct {
	*site
	url string
}

func newHall(b *testing.B, saveDelay string) *hall {
	b.Helper()
	h := &hall{site: openSite(b, storetest.SQLite)}
	for i := range tenants {
		n := &core.Network{Label: tenantLabel(i), OwnerID: projectID, VLAN: vlanOf(i), Allocated: true}
		must(b, h.CreateNetwork(b.Context(), n))
		must(b, h.GrantAccess(b.Context(), n.ID, projectID))
	}
	h.url = servertest.NewSite(b, h.uri, servertest.Sections{
		"general": {"log_level": "ERROR"}, "power": {"interval": "0"},
		"fabric": {
			"retry_delay": "1s", "retry_max_delay": "1m", "visit_timeout": "2m", "lease": "15s", "save_delay": saveDelay, "check_interval": "0",
		},
	}).Start(b).URL
	return h
}

// rack is a simulated switch with a node on each of its ports.
type rack struct {
	consoletest.Switch
	posts []*post
	// said is what the switch logged.
	said servertest.Log
}

// install puts a switch in the hall as HaaS has left it: its ports are closed, and it knows. The settings are added to
// those that are required.
func (h *hall) install(b *testing.B, f family, label string, ports int, settings string) *rack {
	b.Helper()
	r := &rack{}
	r.Switch = f.simulate(consoletest.Options{
		Ports: ports, Login: loginTime, Latency: commandTime, Save: saveTime,
		Log: hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, Output: &r.said}),
	})
	must(b, r.Type(f.closing(ports)...))
	host, number, err := net.SplitHostPort(r.Start(b, consoletest.Telnet))
	must(b, err)
	sw := &core.Switch{Label: label, Type: f.typeURL, Settings: core.Settings(fmt.Sprintf(
		`{"hostname": %q, "port": %s, "username": "admin", "password": "admin"%s%s}`, host, number, f.more, settings))}
	must(b, h.CreateSwitch(b.Context(), sw))
	for i := range ports {
		r.posts = append(r.posts, h.cable(b, r, sw.ID, fmt.Sprint(label, "-", i+1), f.port(i+1)))
	}
	return r
}

// cable makes a node of the project on a port of a switch.
func (h *hall) cable(b *testing.B, r *rack, sw int64, label, port string) *post {
	b.Helper()
	h.nodes++
	id := int64(h.nodes)
	insert(b, h.db, []core.Node{{ID: id, Label: label, OBMType: servertest.OBMMock, OBMSettings: "{}", OBMEnabled: true, ProjectID: projectID}})
	insert(b, h.db, []core.Port{{ID: id, SwitchID: sw, Label: port, DeviceName: port}})
	insert(b, h.db, []core.NIC{{ID: id, NodeID: id, Label: "eth0", MACAddr: "52:54:00:12:34:56", PortID: id}})
	return &post{at: r, node: label, port: port, url: h.url}
}

// tenantLabel is a network that the project may use, and vlanOf its VLAN.
func tenantLabel(i int) string { return fmt.Sprint("tenant", i) }
func vlanOf(tenant int) int    { return 1000 + tenant }
