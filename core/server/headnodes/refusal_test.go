package headnodes_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestStartsInVain wants a headnode that cannot be started to say why, to leave nothing on the host, and to be as free to
// change as before; and to start at once when what was wrong has been put right.
func TestStartsInVain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ann.OK(t, "PUT", "/v0/headnode/h1", fmt.Sprintf(`{"project": "p1", "base_img": %q}`, image))
	machine := fmt.Sprint("headnode-", s.shown(t, "h1")["uuid"])
	description := s.host.MustVirsh(t, "dumpxml", image)
	for i, c := range []struct {
		name, want   string
		wrong, right func()
	}{
		{
			"its image runs", "shut it down",
			func() { s.host.MustVirsh(t, "start", image) }, func() { s.host.MustVirsh(t, "destroy", image) },
		}, {
			"its image is gone", "there is no",
			func() { s.host.MustVirsh(t, "undefine", image) }, func() { s.host.Define(t, description) },
		}, {
			"the bridge is gone", bridge,
			func() { s.sw.MustCtl(t, "del-br", bridge) }, func() { must(t, s.sw.AddBridge(t.Context(), bridge)) },
		}, {
			"the pool is gone", "virsh pool-define-as " + pool,
			func() { s.host.MustVirsh(t, "pool-destroy", pool); s.host.MustVirsh(t, "pool-undefine", pool) }, func() { s.host.AddPool(t, pool) },
		}, {
			"the host is gone", "libvirtd",
			func() { must(t, s.host.Kill()) }, func() { must(t, s.host.Restart(t.Context())) },
		},
	} {
		c.wrong()
		got := s.ann.Do(t, "POST", "/v0/headnode/h1/start", "")
		if got.Status/100 == 2 || got.Status == http.StatusInternalServerError || !strings.Contains(got.Body, c.want) {
			t.Errorf("%s: starting is answered %d %s", c.name, got.Status, got.Body)
		}
		s.ann.OK(t, "PUT", fmt.Sprint("/v0/headnode/h1/hnic/eth", i), "")
		c.right()
		s.isGone(t, machine)
	}
	s.ann.OK(t, "POST", "/v0/headnode/h1/start", "")
	s.isOn(t, machine, "running")
	s.ann.OK(t, "DELETE", "/v0/headnode/h1", "")
	s.isGone(t, machine)
}
