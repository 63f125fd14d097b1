package switches_test

import (
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// TestAConnectComesAboutOnTheDevice walks once through what tenants do every day.
func TestAConnectComesAboutOnTheDevice(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f family) {
		r := newRoom(t, "", nil)
		root := r.Start(t).As("root", "secret")
		sw := r.install(t, "sw", f, consoletest.Options{})
		sw.register(t, root, "")
		node := r.cable(t, root, sw, 1)
		r.closed(t)
		root.OK(t, "PUT", "/project/p1", "")
		root.OK(t, "POST", "/project/p1/connect_node", `{"node": "`+node+`"}`)
		root.OK(t, "PUT", "/network/w1", `{"creator": "p1", "access": "p1", "net_id": ""}`)
		sw.law.grant(sw.family.port(1), vlanOf(t, root, "w1"))
		settled(t, connect(t, root, node, "w1"))
		r.native(t, node, vlanOf(t, root, "w1"))
		settled(t, detach(t, root, node, "w1"))
		r.native(t, node, 0)
		root.OK(t, "POST", "/project/p1/detach_node", `{"node": "`+node+`"}`)
	})
}
