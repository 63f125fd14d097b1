package switches_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// atRest waits until the server has nothing left to do, and wants the switches to show, and to have saved, what the API
// shows.
func (r *room) atRest(t *testing.T, root servertest.Client, o *oracle) {
	t.Helper()
	servertest.Eventually(t, "all ports are settled", func() (bool, any) {
		now, err := o.eye.Look(t.Context())
		noError(t, err)
		return now.Unsettled() == "", now.Unsettled()
	})
	for node, at := range r.nodes {
		want := promised(t, root, node)
		servertest.Eventually(t, at.port+" carries what the API shows of "+node, func() (bool, any) {
			got := at.Carried(at.port)
			return got.Equal(want) && at.Configured(at.port).Equal(want), fmt.Sprintf("%+v, want %+v", got, want)
		})
	}
	for _, d := range r.switches {
		servertest.Eventually(t, d.label+" is saved, and has one session at most", func() (bool, any) {
			return d.Saved() && d.Sessions() <= 1, fmt.Sprint(d.Saved(), " ", d.Sessions())
		})
	}
}

// promised is what the API shows of a node.
func promised(t *testing.T, root servertest.Client, node string) consoletest.Carried {
	t.Helper()
	var want consoletest.Carried
	for channel, network := range networksOf(t, root, node) {
		vlan := vlanOf(t, root, network)
		if channel == "vlan/native" {
			want.Native = vlan
		} else {
			want.Tagged = append(want.Tagged, vlan)
		}
	}
	slices.Sort(want.Tagged)
	return want
}

// networksOf are those of a node, as the API shows them, by channel.
func networksOf(t *testing.T, root servertest.Client, node string) map[string]string {
	t.Helper()
	var shown struct {
		NICs []struct {
			Networks map[string]string `json:"networks"`
		} `json:"nics"`
	}
	noError(t, json.Unmarshal([]byte(root.OK(t, "GET", "/node/"+node, "").Body), &shown))
	if len(shown.NICs) != 1 {
		t.Fatalf("node %s has %d NICs", node, len(shown.NICs))
	}
	return shown.NICs[0].Networks
}
