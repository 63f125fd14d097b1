package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// TestBadPlugins shows that a server serves whatever lies in its plugin directory, and tells what is wrong with it.
func TestBadPlugins(t *testing.T) {
	t.Parallel()
	dir := pluginDir(t, map[string]string{
		"switch-junk":    "#!/bin/sh\necho hello\n",
		"switch-silent":  "#!/bin/sh\nexit 3\n",
		"switch-hanging": "#!/bin/sh\nexec sleep 1000\n",
		"switch-old":     "#!/bin/sh\necho '1|99|unix|/nowhere|grpc|'\nexec sleep 1000\n",
		"obm-binary":     "\x7fELF\x00\x01\x02",
	})
	for name, mode := range map[string]os.FileMode{"switch-text": 0o644, "switch-open": 0o777} {
		write(t, filepath.Join(dir, name), "#!/bin/sh\n", mode)
	}
	h := newHouse(t, "", servertest.Sections{"plugins": {"dir": dir}})
	h.scene(t).cabled("n1~")

	states := driverStates(t, h)
	for name, want := range map[string]string{
		"switch-mock": "running", "obm-mock": "running", "headnode-mock": "running",
		"switch-junk": "broken", "switch-silent": "broken", "switch-hanging": "broken", "switch-old": "broken", "obm-binary": "broken",
		"switch-text": "refused", "switch-open": "refused",
	} {
		got := states[name]
		if got.state != want || (got.lastError == "") != (want == "running") {
			t.Errorf("%s: want %s, got %s: %s", name, want, got.state, got.lastError)
		}
	}
	for name, remedy := range map[string]string{
		"switch-text": "chmod +x", "switch-open": "chmod go-w", "switch-hanging": "did not come up", "switch-old": "version",
	} {
		if !strings.Contains(states[name].lastError, remedy) {
			t.Errorf("%s: does not say %q: %s", name, remedy, states[name].lastError)
		}
	}
}

// TestPluginArrives shows that a driver dropped into the directory of a running server can be used.
func TestPluginArrives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newHouse(t, "", servertest.Sections{"plugins": {"dir": dir}}).scene(t)
	got := s.root.fails(badArgument, "PUT", "/switch/s~", switchOf("s~"))
	if !strings.Contains(got.Body, "none is loaded") {
		t.Errorf("does not say that nothing is loaded: %s", got.Body)
	}
	linkPlugins(t, dir)
	servertest.Eventually(t, "the type can be registered", func() (bool, any) {
		got := s.root.do("PUT", "/switch/s~", switchOf("s~"))
		return got.Status == 200, got.Body
	})
}

// pluginDir is a directory with the mock drivers and other programs.
func pluginDir(t *testing.T, others map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	linkPlugins(t, dir)
	for name, text := range others {
		write(t, filepath.Join(dir, name), text, 0o755)
	}
	return dir
}

func linkPlugins(t *testing.T, dir string) {
	t.Helper()
	built := servertest.Plugins(t)
	files, err := os.ReadDir(built)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Link(filepath.Join(built, f.Name()), filepath.Join(dir, f.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	// Not by WriteFile, whose mode the umask changes.
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

type driverState struct{ state, lastError string }

func driverStates(t *testing.T, h *house) map[string]driverState {
	t.Helper()
	states := map[string]driverState{}
	list, _ := decode(t, h.As("root", "roots-password").OK(t, "GET", "/v0/drivers", "").Body).([]any)
	for _, d := range list {
		members, _ := d.(map[string]any)
		lastError, _ := members["last_error"].(string)
		states[fmt.Sprint(members["name"])] = driverState{fmt.Sprint(members["state"]), lastError}
	}
	return states
}
