package api_test

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// sweep runs the site's sweeper until the test ends.
func (s *site) sweep(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.powers.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
}

func TestPowersOfNodes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if r := s.call("GET", "/nodes/power", ""); r.status != 200 || r.body != "[]\n" {
		t.Errorf("without nodes: got %d %q", r.status, r.body)
	}
	s.must("PUT", "/project/p1", "")
	s.must("PUT", "/node/n1", nodeBody)
	s.must("PUT", "/node/n2", nodeBody)
	s.must("POST", "/project/p1/connect_node", `{"node": "n1"}`)
	s.must("PUT", "/node/n2/obm", `{"enabled": false}`)
	const disabled = `{"node":"n2","project":null,"power":"unknown","age":null,` +
		`"error":"out-of-band management of node n2 is disabled; enable it first"}`
	for path, n1 := range map[string]string{
		"/nodes/power":            `"power":"unknown","age":null,"error":"the controller has not been asked yet"`,
		"/v0/nodes/power?fresh=0": `"power":"unknown","age":null,"error":"the controller has not been asked yet"`,
	} {
		if r := s.call("GET", path, ""); r.status != 200 || !equal(t, `[{"node":"n1","project":"p1",`+n1+`},`+disabled+`]`, r.body) {
			t.Errorf("%s: got %d %s", path, r.status, r.body)
		}
	}
	s.sweep(t)
	aged := regexp.MustCompile(`"age":\d+(\.\d+)?`)
	want := `[{"node":"n1","project":"p1","power":"on","age":AGE,"error":""},` + disabled + `]`
	for _, path := range []string{"/nodes/power?fresh=true", "/nodes/power"} {
		r := s.call("GET", path, "")
		if got := strings.TrimSpace(aged.ReplaceAllString(r.body, `"age":AGE`)); r.status != 200 || got != want {
			t.Errorf("%s: got %d %s", path, r.status, r.body)
		}
	}
	s.call("GET", "/nodes/power?fresh=maybe", "").failure(t, 400, "ValidationError")
	s.call("GET", "/nodes/power?fres=true", "").failure(t, 400, "ValidationError")
}

func TestAbilities(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("PUT", "/node/n1", nodeBody)
	s.must("PUT", "/node/bare", strings.Replace(nodeBody, `"h"`, `"bare"`, 1))
	for path, want := range map[string]string{
		"/node/n1/sensors": `[{"name":"MBTemp","value":35.5,"unit":"degrees C","state":"ok"},` +
			`{"name":"PSU","value":null,"unit":"","state":"presence detected"},{"name":"Odd","value":null,"unit":"","state":""}]`,
		"/node/n1/inventory": `[{"name":"system","manufacturer":"Dell","product":"R620","part_number":"0GFKVD","serial":"A1",` +
			`"version":"A00","asset_tag":"rack-7"}]`,
		"/node/bare/inventory": `[]`,
	} {
		if r := s.call("GET", path, ""); r.status != 200 || !equal(t, want, r.body) {
			t.Errorf("%s: got %d %s", path, r.status, r.body)
		}
	}
	for body, want := range map[string]string{``: "15s", `{}`: "15s", `{"seconds": 0}`: "0s", `{"seconds": 200}`: "3m20s"} {
		if e := s.call("POST", "/node/n1/identify", body).failure(t, 502, "OBMError"); e.Msg != "lamp for "+want {
			t.Errorf("%q: got %s", body, e.Msg)
		}
	}
	for _, body := range []string{`{"seconds": -1}`, `{"seconds": "x"}`, `{"seconds": null}`, `{"seconds": 1.5}`} {
		if e := s.call("POST", "/node/n1/identify", body).failure(t, 400, "ValidationError"); !strings.Contains(e.Msg, "seconds") {
			t.Errorf("%s: got %s", body, e.Msg)
		}
	}
	s.call("POST", "/node/n1/identify", `{"seconds": 86401}`).failure(t, 400, "BadArgumentError")
	s.must("PUT", "/node/n1/boot_device", `{"bootdev": "pxe"}`)
	s.must("PUT", "/node/n1/boot_device", `{"bootdev": "pxe", "once": false}`)
	s.call("PUT", "/node/n1/boot_device", `{"bootdev": "pxe", "once": true}`).failure(t, 502, "OBMError")
	s.call("PUT", "/node/n1/boot_device", `{"bootdev": "pxe", "once": "yes"}`).failure(t, 400, "ValidationError")
	s.must("PUT", "/node/n1/obm", `{"enabled": false}`)
	s.call("GET", "/node/n1/sensors", "").failure(t, 409, "BlockedError")
	s.call("GET", "/node/none/inventory", "").failure(t, 404, "NotFoundError")
}
