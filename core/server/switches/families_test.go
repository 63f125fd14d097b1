package switches_test

import (
	"fmt"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// TestOneNetworkOnTwoFamilies has two nodes on switches of different families on the same networks.
func TestOneNetworkOnTwoFamilies(t *testing.T) {
	t.Parallel()
	r := newRoom(t, "", nil)
	root := r.Start(t).As("root", "secret")
	root.OK(t, "PUT", "/project/p1", "")
	root.OK(t, "PUT", "/network/w1", `{"owner": "p1", "access": "p1", "net_id": ""}`)
	root.OK(t, "PUT", "/network/w2", `{"owner": "p1", "access": "p1", "net_id": ""}`)
	untagged, tagged := vlanOf(t, root, "w1"), vlanOf(t, root, "w2")
	var nodes []string
	for _, f := range []family{nexus(), powerconnect()} {
		d := r.install(t, f.name, f, consoletest.Options{})
		d.register(t, root, "")
		nodes = append(nodes, r.cable(t, root, d, 1))
	}
	r.closed(t)
	for _, node := range nodes {
		at := r.nodes[node]
		at.law.grant(at.port, untagged, tagged)
		root.OK(t, "POST", "/project/p1/connect_node", `{"node": "`+node+`"}`)
		settled(t, connect(t, root, node, "w1"))
		settled(t, root.Act(t, "/node/"+node+"/nic/eth0/connect_network", fmt.Sprintf(`{"network": "w2", "channel": "vlan/%d"}`, tagged)))
	}
	for _, node := range nodes {
		at := r.nodes[node]
		if got := at.Carried(at.port); !got.Equal(consoletest.Carried{Native: untagged, Tagged: []int{tagged}}) {
			t.Errorf("%s carries %+v, want VLAN %d natively and VLAN %d with a tag", at.label, got, untagged, tagged)
		}
	}
	settled(t, detach(t, root, nodes[0], "w2"))
	settled(t, detach(t, root, nodes[0], "w1"))
	r.native(t, nodes[0], 0)
	settled(t, detach(t, root, nodes[1], "w2"))
	r.native(t, nodes[1], untagged)
}
