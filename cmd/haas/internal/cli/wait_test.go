package cli_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// switching answers a connect, and then questions about it with one status after the other; the last one stays.
func switching(statuses ...string) func(http.ResponseWriter, *http.Request) {
	var asked atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `{"status_id":"id-1"}`)
			return
		}
		status := statuses[min(int(asked.Add(1)), len(statuses))-1]
		if status == "gone" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{"status":"`+status+`","node":"n","nic":"i","type":"modify_port","channel":"","new_network":"w","error":"port is on fire"}`)
	}
}

func TestWithoutWaiting(t *testing.T) {
	t.Parallel()
	got := newFake(t, switching("PENDING")).run(t, "node", "network", "connect", "n", "i", "w")
	if got.status != 0 || !strings.Contains(got.out, "haas action show id-1") {
		t.Errorf("got %+v", got)
	}
}

func TestWaitForTheEnd(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"node network connect n i w --wait", "node network detach n i w --wait", "port revert s p --wait", "action show id-1 --wait",
	} {
		got := newFake(t, switching("PENDING", "gone", "PENDING", "DONE")).run(t, strings.Fields(line)...)
		if got.status != 0 || got.out != "" || !strings.Contains(got.err, "node n, NIC i, network w: DONE") {
			t.Errorf("%s gives %+v", line, got)
		}
	}
}

func TestWaitWithJSONPrintsTheAction(t *testing.T) {
	t.Parallel()
	got := newFake(t, switching("DONE")).run(t, "port", "revert", "s", "p", "--wait", "--json")
	if got.status != 0 || !strings.HasPrefix(got.out, `{"status":"DONE"`) {
		t.Errorf("got %+v", got)
	}
}

func TestWaitTellsTheDevicesWords(t *testing.T) {
	t.Parallel()
	got := newFake(t, switching("PENDING", "ERROR")).run(t, "node", "network", "connect", "n", "i", "w", "--wait")
	if got.status != 1 || !strings.Contains(got.err, "port is on fire") {
		t.Errorf("got %+v", got)
	}
}

func TestWaitEndsWithItsTimeout(t *testing.T) {
	t.Parallel()
	got := newFake(t, switching("PENDING")).run(t, "node", "network", "connect", "n", "i", "w", "--wait", "--timeout", "20ms")
	if got.status != 1 || !strings.Contains(got.err, "goes on in the background") || !strings.Contains(got.err, "haas action show id-1") {
		t.Errorf("got %+v", got)
	}
}

func TestWaitForAnUnknownAction(t *testing.T) {
	t.Parallel()
	f := newFake(t, say(http.StatusNotFound, `{"type":"NotFoundError","msg":"no such action"}`))
	if got := f.run(t, "action", "show", "id", "--wait"); got.status != 1 || !strings.Contains(got.err, "no such action") {
		t.Errorf("got %+v", got)
	}
}

// TestForcedRemoval takes a node off its networks before it is released.
func TestForcedRemoval(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v0/node/n":
			_, _ = io.WriteString(w, `{"name":"n","nics":[{"label":"i","networks":{"c":"w"},"switch":"s","port":"1"},{"label":"j","networks":{}}]}`)
		case strings.HasSuffix(r.URL.Path, "/revert"):
			_, _ = io.WriteString(w, `{"status_id":"id-1"}`)
		case strings.HasPrefix(r.URL.Path, "/v0/networking_action/"):
			_, _ = io.WriteString(w, `{"status":"DONE"}`)
		}
	})
	got := f.run(t, "project", "node", "remove", "p", "n", "--force")
	want := "GET /v0/node/n\nPOST /v0/switch/s/port/1/revert\nGET /v0/networking_action/id-1\n" +
		`POST /v0/project/p/detach_node {"force":true,"node":"n"}`
	if got.status != 0 || f.asked() != want {
		t.Errorf("got %+v, asked\n%s", got, f.asked())
	}
}
