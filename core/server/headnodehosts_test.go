package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// headnodeMock is the type of the mock driver of headnodes.
const headnodeMock = "http://schema.massopencloud.org/haas/v0/headnodes/mock"

// TestHeadnodesOnSeveralHosts are placed where there is room, and stay there.
func TestHeadnodesOnSeveralHosts(t *testing.T) {
	t.Parallel()
	site := servertest.NewSite(t, "", servertest.Sections{
		"headnode": {"driver": headnodeMock, "hosts": "mock:a 2GiB, mock:b 3GiB"},
	})
	site.CreateAdmin(t, "root", "roots-password")
	server := site.Start(t)
	root := server.As("root", "roots-password")
	root.OK(t, "PUT", "/project/p1", "")
	down := filepath.Join(site.State, "headnode-a.json.down")
	wantHosts := func(want string) {
		t.Helper()
		var hosts []map[string]any
		if err := json.Unmarshal([]byte(root.OK(t, "GET", "/headnode_hosts", "").Body), &hosts); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range hosts {
			got = append(got, fmt.Sprint(h["host"], " ", h["state"], " ", h["used"], "/", h["capacity"]))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("the hosts are %v, want %s", got, want)
		}
	}
	start := func(label string) servertest.Answer {
		t.Helper()
		root.OK(t, "PUT", "/headnode/"+label, `{"project": "p1", "base_img": "debian-12"}`)
		return root.Do(t, "POST", "/headnode/"+label+"/start", "")
	}
	wantHosts("mock:a ok 0/2048, mock:b ok 0/3072")
	for _, label := range []string{"h1", "h2"} {
		if got := start(label); got.Status != http.StatusOK {
			t.Errorf("start of %s: %d %s", label, got.Status, got.Body)
		}
	}
	wantHosts("mock:a ok 1024/2048, mock:b ok 1024/3072")
	if got := root.OK(t, "GET", "/headnode/h2", "").JSON(t)["host"]; got != "mock:a" {
		t.Errorf("h2 is said to be on %v", got)
	}
	start("h3")
	wantHosts("mock:a ok 1024/2048, mock:b ok 2048/3072")
	if got := root.OK(t, "GET", "/headnode/h2/console?follow=false", ""); got.Status != http.StatusOK {
		t.Errorf("the console of h2: %d %s", got.Status, got.Body)
	}

	if err := os.WriteFile(down, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	start("h4")
	wantHosts("mock:a unreachable <nil>/<nil>, mock:b ok 3072/3072")
	if got := start("h5"); got.Status != http.StatusServiceUnavailable || !strings.Contains(got.Body, "mock:a") || !strings.Contains(got.Body, "mock:b: 0 MiB are free") {
		t.Errorf("a start with no room: %d %s", got.Status, got.Body)
	}
	root.OK(t, "PUT", "/headnode/h5/hnic/eth0", "") // it may still change
	if got := root.Do(t, "POST", "/headnode/h2/stop", ""); got.Status != http.StatusServiceUnavailable {
		t.Errorf("a stop on a dead host: %d %s", got.Status, got.Body)
	}
	root.OK(t, "DELETE", "/headnode/h2", "")
	if debts := root.OK(t, "GET", "/headnode_debts", "").Body; !strings.Contains(debts, `"host":"mock:a"`) {
		t.Errorf("the debts are %s", debts)
	}
	if err := os.Remove(down); err != nil {
		t.Fatal(err)
	}
	servertest.Eventually(t, "the machine on the host that is back is gone", func() (bool, any) {
		left, err := os.ReadFile(filepath.Join(site.State, "headnode-a.json"))
		return err == nil && !strings.Contains(string(left), "headnode-"), string(left)
	})
	root.OK(t, "POST", "/headnode/h5/start", "")
	wantHosts("mock:a ok 1024/2048, mock:b ok 3072/3072")
}

// TestWrongHosts are told by the driver, with the place where they stand.
func TestWrongHosts(t *testing.T) {
	t.Parallel()
	site := servertest.NewSite(t, "", servertest.Sections{
		"headnode": {"driver": headnodeMock, "hosts": "mock:a, qemu:///system"},
	})
	err := site.StartInVain(t)
	if err == nil || !strings.Contains(err.Error(), "[headnode] hosts: qemu:///system: must be mock:NAME") {
		t.Errorf("got %v", err)
	}
}
