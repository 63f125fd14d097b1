package drivers_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/obm"
)

const mockSwitch = "http://schema.massopencloud.org/haas/v0/switches/mock"

func TestTheMockDriversServeAllKinds(t *testing.T) {
	t.Parallel()
	dir, state := t.TempDir(), t.TempDir()
	install(t, dir, "switch-mock", "obm-mock", "headnode-mock")
	section := map[string]string{"state_dir": state}
	m := start(t, drivers.Config{Dir: dir, Sections: map[string]map[string]string{
		"switch-mock": section, "headnode-mock": section,
		"obm-mock": {"state_dir": state, "also": "http://schema.massopencloud.org/haas/v0/obm/ipmi"},
	}})
	for _, s := range m.List() {
		if s.State != drivers.Running || s.PID == 0 || s.Version == "" || s.Restarts != 0 {
			t.Errorf("%+v", s)
		}
	}
	applyOnMock(t, m, "gi1/0/1", 104)
	if types := m.Types(obm.Kind); len(types) != 2 || !strings.HasSuffix(types[0].URL, "/ipmi") {
		t.Errorf("%+v", types)
	}
	consoleOnMock(t, m)
	hosts, err := m.Headnode("http://schema.massopencloud.org/haas/v0/headnodes/mock")
	must(t, err)
	h, err := hosts.Open(t.Context(), sdk.Target{})
	must(t, err)
	images, err := h.Images(t.Context())
	if err != nil || len(images) != 2 {
		t.Errorf("%v, %v", images, err)
	}
}

func applyOnMock(t testing.TB, m *drivers.Manager, port string, vlan int) {
	t.Helper()
	d, err := m.Switch(mockSwitch)
	must(t, err)
	s, err := d.Open(t.Context(), sdk.Target{Settings: sdk.Settings(`{"hostname":"h","username":"u","password":"p"}`)})
	must(t, err)
	want := netswitch.PortState{Port: port, Native: vlan, Up: true}
	_, err = s.Apply(t.Context(), []netswitch.PortState{want})
	must(t, err)
	got, err := s.Read(t.Context(), []string{port})
	if err != nil || !got[0].Equal(want) {
		t.Fatalf("%+v, %v", got, err)
	}
	must(t, s.Close())
}

// TestAbilitiesOfSwitchDriversAreNotLost: what is optional in the contract passes the wrapper.
func TestAbilitiesOfSwitchDriversAreNotLost(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	play(t, dir, "switch-good")
	m := start(t, drivers.Config{Dir: dir})
	d, err := m.Switch(goodType)
	must(t, err)
	target := sdk.Target{Name: "sw", Settings: sdk.Settings(fmt.Sprintf(`{"dir":%q,"password":"hunter2"}`, out))}
	s, err := d.Open(t.Context(), target)
	must(t, err)
	lister, ok := s.(netswitch.PortLister)
	if !ok {
		t.Fatal("the wrapper has lost the list of ports")
	}
	if ports, err := lister.ListPorts(t.Context()); err != nil || len(ports) != 1 {
		t.Errorf("%v, %v", ports, err)
	}
	must(t, s.Close())
	releaser, ok := d.(netswitch.Releaser)
	if !ok {
		t.Fatal("the wrapper has lost the release of sessions")
	}
	must(t, releaser.Release(t.Context(), target))
	if _, err := os.Stat(filepath.Join(out, "closed")); err != nil {
		t.Errorf("the session is still open: %v", err)
	}
}

func consoleOnMock(t testing.TB, m *drivers.Manager) {
	t.Helper()
	d, err := m.OBM("http://schema.massopencloud.org/haas/v0/obm/ipmi")
	must(t, err)
	s, err := d.Open(t.Context(), sdk.Target{Settings: sdk.Settings(`{"host":"h","user":"u","password":"p"}`)})
	must(t, err)
	c, ok := s.(obm.Consoler)
	if !ok {
		t.Fatal("the wrapper has lost the console")
	}
	line, err := c.Console(t.Context())
	must(t, err)
	b := make([]byte, 10)
	if n, err := line.Read(b); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	must(t, line.Close())
}

func TestUnknownTypesAreAnsweredWithThoseLoaded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-good")
	m := start(t, drivers.Config{Dir: dir})
	_, err := m.Switch("http://example.org/none")
	e, ok := errors.AsType[*drivers.UnknownTypeError](err)
	if !ok || !slices.Equal(e.Loaded, []string{goodType}) || !strings.Contains(err.Error(), goodType) {
		t.Fatalf("%v", err)
	}
	if _, err = m.OBM(goodType); err == nil || !strings.Contains(err.Error(), "none is loaded") {
		t.Fatalf("a switch driver's type served as an obm's: %v", err)
	}
}

func TestBadDriversAreShownAndHarmNobody(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-good", "switch-rival", "switch-liar", "switch-v9", "switch-picky", "switch-section", "obm-false", "switch-writable", "switch-plain", "router-x", "switch-Upper", "switch-x.old")
	put(t, dir, "switch-true", read(t, "/bin/true"))
	put(t, dir, "switch-junk", []byte("no program at all"))
	must(t, os.Chmod(filepath.Join(dir, "switch-writable"), 0o757))
	must(t, os.Chmod(filepath.Join(dir, "switch-plain"), 0o644))
	must(t, os.Symlink("switch-good", filepath.Join(dir, "switch-link")))
	m := start(t, drivers.Config{Dir: dir, Sections: map[string]map[string]string{
		"switch-section": {"a": "b"}, "switch-picky": {"key": "hunter2"},
	}, Locate: func(driver, key, text string) error { return fmt.Errorf("haas.cfg:7: [%s] %s: %s", driver, key, text) }})
	want := map[string]struct {
		state drivers.State
		words string
	}{
		"switch-good":     {drivers.Running, ""},
		"switch-rival":    {drivers.Refused, "already served by switch-good"},
		"switch-liar":     {drivers.Broken, `it says that it is "switch-other"`},
		"switch-v9":       {drivers.Broken, "Plugin version: 9"},
		"switch-picky":    {drivers.Broken, "haas.cfg:7: [switch-picky] key: must be value"},
		"switch-section":  {drivers.Broken, "remove the section [switch-section]"},
		"obm-false":       {drivers.Broken, "it is no obm driver"},
		"switch-writable": {drivers.Refused, "writable by others"},
		"switch-plain":    {drivers.Refused, "not executable"},
		"switch-link":     {drivers.Refused, "not a regular file"},
		"switch-true":     {drivers.Broken, "does not introduce itself"},
		"switch-junk":     {drivers.Broken, "exec format error"},
	}
	for _, s := range m.List() {
		w, ok := want[s.Name]
		if !ok || s.State != w.state || !strings.Contains(s.LastError, w.words) || strings.Contains(s.LastError, "hunter2") {
			t.Errorf("%+v", s)
		}
		delete(want, s.Name)
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
	if types := m.Types(netswitch.Kind); len(types) != 1 {
		t.Errorf("%+v", types)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return b
}

func TestADriverThatHangsAtStartIsBroken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-mute")
	put(t, dir, "switch-script", []byte("#!/bin/sh\nsleep 1000\n")) // the sleep outlives its shell, and has its output
	timing := hasty
	timing.Start = 500 * time.Millisecond
	m := start(t, drivers.Config{Dir: dir, Timing: timing})
	for _, s := range m.List() {
		if s.State != drivers.Broken || s.LastError != "it did not come up within 500ms" {
			t.Errorf("%+v", s)
		}
	}
}

func TestADirectoryWritableByOthersIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-good")
	must(t, os.Chmod(dir, 0o777))
	m := start(t, drivers.Config{Dir: dir})
	if s := status(m, "switch-good"); s.State != drivers.Refused || !strings.Contains(s.LastError, "writable by others") {
		t.Fatalf("%+v", s)
	}
	must(t, os.Chmod(dir, 0o755))
	await(t, m, "switch-good", "running once the directory is mended", running)
}

func TestChecksums(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-good", "switch-odd", "switch-new")
	good := sum(t, filepath.Join(dir, "switch-good"))
	list := good + "  switch-good\n" + strings.Repeat("0", 64) + " *switch-odd\n"
	must(t, os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(list), 0o644))
	m := start(t, drivers.Config{Dir: dir})
	for name, words := range map[string]string{"switch-good": "", "switch-odd": "does not match", "switch-new": "not listed"} {
		if s := status(m, name); !strings.Contains(s.LastError, words) || (words != "") != (s.State == drivers.Refused) {
			t.Errorf("%+v", s)
		}
	}
	must(t, os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(list+good+"  ./switch-new\n"), 0o644))
	await(t, m, "switch-new", "running once it is listed", running)
}

func sum(t testing.TB, path string) string {
	t.Helper()
	out, err := exec.Command("sha256sum", path).Output()
	must(t, err)
	return strings.Fields(string(out))[0]
}

func TestDriversComeAndGoWhileRunning(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "plugins")
	timing := hasty
	timing.Rescan = 20 * time.Millisecond // the directory itself appears later
	m := start(t, drivers.Config{Dir: dir, Timing: timing})
	before := m.Generation()
	play(t, dir, "switch-good", "switch-rival")
	await(t, m, "switch-good", "running", running)
	await(t, m, "switch-rival", "refused", func(s drivers.Status) bool { return s.State == drivers.Refused })
	if m.Generation() == before {
		t.Error("a new type has not changed the generation")
	}
	d, err := m.Switch(goodType)
	must(t, err)
	must(t, os.Remove(filepath.Join(dir, "switch-good")))
	await(t, m, "switch-rival", "in the place of the one that is gone", running)
	_, err = d.Info(t.Context())
	must(t, err)
	must(t, os.Remove(filepath.Join(dir, "switch-rival")))
	await(t, m, "switch-rival", "gone", func(s drivers.Status) bool { return s.Name == "" })
	if _, ok := errors.AsType[*drivers.UnknownTypeError](ignore(d.Info(t.Context()))); !ok {
		t.Error("a type whose driver is gone is still served")
	}
}

func ignore[T any](_ T, err error) error { return err }

func TestTheEnvironmentIsHidden(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-good")
	lines, err := openGood(t, start(t, drivers.Config{Dir: dir}), t.TempDir()).Plan(t.Context(), nil)
	must(t, err)
	if !slices.ContainsFunc(lines, func(s string) bool { return strings.HasPrefix(s, "PATH=") }) {
		t.Error("the path is missing")
	}
	for _, l := range lines {
		if strings.Contains(l, "hunter2") || strings.HasPrefix(l, "HOME=") {
			t.Errorf("passed on: %s", l)
		}
	}
}

// openGood opens a session whose Save waits for the file "go on" in dir.
func openGood(t testing.TB, m *drivers.Manager, dir string) netswitch.Session {
	t.Helper()
	d, err := m.Switch(goodType)
	must(t, err)
	s, err := d.Open(t.Context(), sdk.Target{Type: goodType, Settings: sdk.Settings(fmt.Sprintf(`{"dir":%q,"password":"hush-hush"}`, dir))})
	must(t, err)
	return s
}

func TestASharedRunDirectoryIsSweptOfTheDeadOnly(t *testing.T) {
	t.Parallel()
	run := shortDir(t)
	dead := filepath.Join(run, "s1", "plugin-dir1")
	must(t, os.MkdirAll(dead, 0o700))
	put(t, run, "s2", nil) // not a folder, so not ours
	start(t, drivers.Config{Dir: t.TempDir(), RunDir: run})
	start(t, drivers.Config{Dir: t.TempDir(), RunDir: run})
	left, err := filepath.Glob(filepath.Join(run, "s*"))
	must(t, err)
	if len(left) != 3 || slices.Contains(left, filepath.Dir(dead)) {
		t.Fatal(left)
	}
}

// shortDir has a path short enough for sockets.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "haas-test-") //nolint:usetesting // t.TempDir has the test's name in its path
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

func TestARunDirectoryTooLongIsAnError(t *testing.T) {
	t.Parallel()
	m := drivers.New(drivers.Config{RunDir: filepath.Join(t.TempDir(), strings.Repeat("x", 90)), Log: hclog.NewNullLogger()})
	if err := m.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Fatal(err)
	}
	if err := m.Ready(t.Context()); err == nil {
		t.Fatal("ready in spite of it")
	}
}

func TestNoOrphanSurvivesTheServer(t *testing.T) {
	t.Parallel()
	dir := shortDir(t) // the sockets are in it, too
	play(t, dir, "switch-good", "switch-picks")
	self, err := os.Executable()
	must(t, err)
	host := exec.Command(self)
	host.Env = append(os.Environ(), hostEnv+"="+dir)
	out, err := host.StdoutPipe()
	must(t, err)
	must(t, host.Start())
	t.Cleanup(func() { _ = host.Process.Kill() })
	pids := readPIDs(t, bufio.NewScanner(out))
	if len(pids) != 2 {
		t.Fatal(pids)
	}
	must(t, host.Process.Kill())
	_ = host.Wait() // it says that it was killed
	for _, pid := range pids {
		awaitDeath(t, pid)
	}
}

func readPIDs(t testing.TB, lines *bufio.Scanner) (pids []int) {
	t.Helper()
	for lines.Scan() && lines.Text() != "end" {
		pid, err := strconv.Atoi(lines.Text())
		must(t, err)
		if !alive(pid) {
			t.Fatalf("process %d does not run", pid)
		}
		pids = append(pids, pid)
	}
	return pids
}

func awaitDeath(t testing.TB, pid int) {
	t.Helper()
	if !eventually(func() bool { return !alive(pid) }) {
		t.Fatalf("process %d lives on", pid)
	}
}

// alive counts a zombie, which nobody may have buried yet, among the dead.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, ok := strings.Cut(string(b), ") ")
	return ok && rest[0] != 'Z' && rest[0] != 'X'
}

func TestStopLeavesNoProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-good")
	ctx, cancel := context.WithCancel(t.Context())
	m := drivers.New(drivers.Config{Dir: dir, Log: hclog.NewNullLogger(), Timing: hasty})
	var wg sync.WaitGroup
	wg.Go(func() { must(t, m.Run(ctx)) })
	must(t, m.Ready(ctx))
	pid := status(m, "switch-good").PID
	cancel()
	wg.Wait()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Fatalf("process %d: %v", pid, err)
	}
}
