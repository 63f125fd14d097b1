package consoles_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

// TestNoPasswordAnywhere looks for the controllers' passwords wherever somebody else could: in answers, in the log, in the
// list of processes, in the environments of server and drivers, and in what the server keeps beside its database.
func TestNoPasswordAnywhere(t *testing.T) {
	t.Parallel()
	home := servertest.NewSite(t, "", nil)
	home.CreateAdmin(t, "root", "secret")
	server := home.StartProcess(t, "serve", "--listen", "127.0.0.1:0")
	s := populate(t, server.Server, &bmctest.Echo{})
	const wrong = "Wrong-secret-62"
	s.root.OK(t, "PUT", "/v0/node/n2", fmt.Sprintf(`{"obm": {"type": %q, "host": "127.0.0.1", "port": %d, "user": "admin", "password": %q}}`,
		servertest.OBMIPMILAN, s.controller.Address().Port, wrong))

	s.ann.OK(t, "PUT", "/v0/node/n1/console/log", `{"enabled": true}`)
	viewer := s.join(t)
	viewer.types(t, "hello")
	viewer.shows(t, "hello")
	answers := viewer.String()
	for _, node := range []string{"n1", "n2"} {
		for _, c := range []struct{ method, path, body string }{
			{"GET", "", ""}, {"POST", "/power_on", ""}, {"GET", "/power_status", ""}, {"PUT", "/boot_device", `{"bootdev": "pxe"}`},
			{"POST", "/power_cycle", ""}, {"GET", "/sensors", ""}, {"GET", "/inventory", ""}, {"POST", "/identify", ""},
			{"GET", "/console?follow=false", ""}, {"GET", "/console/log", ""}, {"DELETE", "/obm", ""},
		} {
			answers += s.root.Do(t, c.method, "/v0/node/"+node+c.path, c.body).Body
		}
	}
	answers += s.root.Do(t, "GET", "/v0/node/n2/console", "").Body
	answers += s.root.OK(t, "GET", "/v0/nodes/power?fresh=true", "").Body + s.root.OK(t, "GET", "/v0/drivers", "").Body
	if !strings.Contains(answers, "127.0.0.1") {
		t.Error("the answers say nothing of the controllers; is the test blind?")
	}

	places := map[string]string{"answers": answers, "log": server.Said()}
	for _, pid := range server.Processes(t) {
		for _, file := range []string{"cmdline", "environ"} {
			text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), file))
			must(t, err)
			places[fmt.Sprintf("%s of process %d", file, pid)] = string(text)
		}
	}
	if len(places) < 6 {
		t.Errorf("only %d places were looked at", len(places))
	}
	for place, text := range places {
		for _, secret := range []string{bmcPassword, wrong} {
			if strings.Contains(text, secret) {
				t.Errorf("a password is in the %s", place)
			}
		}
	}
}
