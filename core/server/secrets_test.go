package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// planted are passwords that must be found nowhere but where they were put.
var planted = []string{"Planted-Root", "Planted-User", "Planted-Switch", "Planted-BMC", "Planted-Database", "Planted-Seed"}

// TestSecrets shows that no password comes out of the server: not in an answer, a log at the level of debugging, or
// the command line or environment of a driver.
func TestSecrets(t *testing.T) {
	t.Parallel()
	r, uri, _ := relayed(t, "Planted-Database")
	site := servertest.NewSite(t, uri, servertest.Sections{"general": {"log_level": "DEBUG"}})
	site.CreateAdmin(t, "root", "Planted-Root")
	server := site.Start(t)
	root, stranger := server.As("root", "Planted-Root"), server.As("root", "Planted-Root-wrong")
	var said strings.Builder
	ask := func(c servertest.Client, method, path, body string) {
		got := c.Do(t, method, path, body)
		fmt.Fprintln(&said, method, path, got.Status, got.Header, got.Body)
	}
	for _, c := range secretCalls() {
		ask(root, c.method, c.path, c.body)
		ask(stranger, c.method, c.path, c.body)
	}
	inspectDrivers(t, &said)
	r.set(true)
	ask(root, "GET", "/nodes/free", "")
	ask(root, "PUT", "/auth/basic/user/carol", `{"password": "Planted-User"}`)
	r.set(false)
	server.Stop()
	said.WriteString(server.Log.String())
	for _, secret := range planted {
		for line := range strings.Lines(said.String()) {
			if strings.Contains(line, secret) {
				t.Errorf("%s is in: %s", secret, line)
			}
		}
	}
	for _, expected := range []string{`"last_error"`, "BadArgumentError", "DEBUG", "HAAS"} {
		if !strings.Contains(said.String(), expected) {
			t.Errorf("%q was not said: the test looks at too little", expected)
		}
	}
}

// secretCalls are good and bad calls with passwords in them, and calls whose answers could tell them.
func secretCalls() []call {
	const good = `"hostname": "s1", "username": "u", "password": "Planted-Switch"`
	const bmc = `"host": "h", "user": "u", "password": "Planted-BMC"`
	return []call{
		{"PUT", "/switch/s1", `{"type": "` + servertest.SwitchMock + `", ` + good + `}`},
		{"PUT", "/switch/s1", `{"type": "` + servertest.SwitchMock + `", ` + good + `}`},
		{"PUT", "/switch/s2", `{"type": "` + servertest.SwitchMock + `", ` + good + `, "lie": "Planted-Switch"}`},
		{"PUT", "/switch/s2", `{"type": "` + servertest.SwitchMock + `", "hostname": {"a": "Planted-Switch"}, "username": "u", "password": ["Planted-Switch"]}`},
		{"PUT", "/switch/s2", `{"type": "` + servertest.SwitchMock + `", "pasword": "Planted-Switch"}`},
		{"PUT", "/switch/s2", `{"type": "http://example.org/none", ` + good + `}`},
		{"PUT", "/switch/s2", `{"type": ["Planted-Switch"], ` + good + `}`},
		{"PUT", "/switch/s2", `{` + good},
		{"PUT", "/switch/s3", `{"type": "` + servertest.SwitchMock + `", "hostname": "s3", "username": "u", "password": "Planted-Switch", "fail": 1}`},
		{"POST", "/switch/s1/settings", `{"password": "Planted-Switch-2"}`},
		{"POST", "/switch/s1/settings", `{"password": "Planted-Switch-2", "fail": "Planted-Switch-2"}`},
		{"POST", "/switch/s1/settings", `{"Password": "Planted-Switch-2"}`},
		{"POST", "/switch/s1/settings", `{"password": ["Planted-Switch-2"], "pasword": "Planted-Switch-2"}`},
		{"POST", "/switch/s1/settings", `{"type": "Planted-Switch-2"}`},
		{"POST", "/switch/s1/settings", `{"password": "Planted-Switch-2"`},
		{"POST", "/switch/none/settings", `{"password": "Planted-Switch-2"}`},
		{"PUT", "/node/n1", `{"obm": {"type": "` + servertest.OBMMock + `", ` + bmc + `}}`},
		{"PUT", "/node/n2", `{"obm": {"type": "` + servertest.OBMMock + `", ` + bmc + `, "fail": "Planted-BMC"}}`},
		{"PUT", "/node/n2", `{"obm": {"type": "` + servertest.OBMMock + `", ` + bmc + `, "fail": 1}}`},
		{"PUT", "/node/n3", `{"obm": {"type": "http://example.org/none", ` + bmc + `}}`},
		{"PUT", "/node/n3", `{"obm": "Planted-BMC"}`},
		{"PUT", "/node/n3", `{"obm": {"type": "` + servertest.OBMMock + `", ` + bmc + `}, "password": "Planted-BMC"}`},
		{"PUT", "/auth/basic/user/ann", `{"password": "Planted-User"}`},
		{"PUT", "/auth/basic/user/ann", `{"password": "Planted-User"}`},
		{"PUT", "/auth/basic/user/bob", `{"password": "Planted-User", "is_admin": "Planted-User"}`},
		{"PUT", "/auth/basic/user/bob", `{"password": ["Planted-User"]}`},
		{"PUT", "/auth/basic/user/bob", `{"password": "Planted-User` + strings.Repeat("x", 2000) + `"}`},
		{"PUT", "/auth/basic/user/b%2Fob", `{"password": "Planted-User"}`},
		{"POST", "/auth/basic/user/bob", `{"password": "Planted-User"}`},
		{"PUT", "/switch/s3/port/gi1/0/1", ""},
		{"PUT", "/node/n1/nic/eth0", `{"macaddr": "` + mac + `"}`},
		{"POST", "/switch/s3/port/gi1/0/1/connect_nic", `{"node": "n1", "nic": "eth0"}`},
		{"POST", "/node/n1/power_cycle", ""},
		{"POST", "/node/n2/power_cycle", ""},
		{"GET", "/nodes/power?fresh=true", ""},
		{"GET", "/node/n1/sensors", ""},
		{"GET", "/node/n1/inventory", ""},
		{"POST", "/node/n1/identify", `{"seconds": "Planted-BMC"}`},
		{"GET", "/node/n1", ""},
		{"GET", "/node/n2", ""},
		{"GET", "/switch/s1", ""},
		{"GET", "/switch/s3", ""},
		{"PUT", "/project/p1", ""},
		{"PUT", "/headnode/h1", `{"project": "p1", "base_img": "base-headnode", "user_data": "#!Planted-Seed"}`},
		{"PUT", "/headnode/h1", `{"project": "p1", "base_img": "base-headnode", "user_data": "#!Planted-Seed"}`},
		{"PUT", "/headnode/h2", `{"project": "p1", "base_img": "base-headnode", "user_data": "Planted-Seed"}`},
		{"PUT", "/headnode/h2", `{"project": "p1", "base_img": "base-headnode", "user_data": ["Planted-Seed"]}`},
		{"PUT", "/headnode/h2", `{"project": "p1", "base_img": "base-headnode", "userdata": "Planted-Seed"}`},
		{"PUT", "/headnode/h2", `{"project": "p1", "base_img": "base-headnode", "ssh_keys": ["Planted-Seed"]}`},
		{"PUT", "/headnode/h2", `{"project": "p1", "base_img": "base-headnode", "ssh_keys": "Planted-Seed"}`},
		{"POST", "/headnode/h1/start", ""},
		{"GET", "/headnode/h1", ""},
		{"GET", "/project/p1/headnodes", ""},
		{"GET", "/auth/basic/users", ""},
		{"GET", "/drivers", ""},
		{"GET", "/openapi.json", ""},
		{"GET", "/active_extensions", ""},
	}
}

// inspectDrivers adds what ps shows of this process's drivers.
func inspectDrivers(t *testing.T, said *strings.Builder) {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(processes) == 0 {
		t.Skip("this system has no /proc")
	}
	parent := "PPid:\t" + strconv.Itoa(os.Getpid()) + "\n"
	drivers := 0
	for _, p := range processes {
		status, err := os.ReadFile(filepath.Join(p, "status"))
		if err != nil || !strings.Contains(string(status), parent) {
			continue // ended meanwhile, or somebody else's
		}
		for _, file := range []string{"cmdline", "environ"} {
			text, err := os.ReadFile(filepath.Join(p, file))
			if err == nil {
				drivers++
				fmt.Fprintln(said, p, file, strings.ReplaceAll(string(text), "\x00", "\n"))
			}
		}
	}
	if drivers < 6 {
		t.Errorf("only %d files of drivers were read", drivers)
	}
}
