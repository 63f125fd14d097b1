package drivers_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/sdk"
)

// hostEnv makes the test program a server with the plugin directory it names.
const hostEnv = "HAAS_TEST_HOST"

// TestMain also plays the other parts: copied into a plugin directory the test program is the driver of that name.
func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); strings.HasPrefix(name, "switch-") || strings.HasPrefix(name, "obm-") {
		playDriver(name)
		return
	}
	if dir := os.Getenv(hostEnv); dir != "" {
		playHost(dir)
		return
	}
	if err := os.Setenv("HAAS_TEST_SECRET", "hunter2"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if dir, err := mocks(); err == nil {
			_ = os.RemoveAll(dir)
		}
		os.Exit(code)
	}))
}

// playHost runs the drivers of dir for ever, and says which processes they are.
func playHost(dir string) {
	m := drivers.New(drivers.Config{Dir: dir, RunDir: dir, Log: hclog.NewNullLogger()})
	go func() { panic(m.Run(context.Background())) }()
	if err := m.Ready(context.Background()); err != nil {
		panic(err)
	}
	for _, s := range m.List() {
		fmt.Println(s.PID)
	}
	fmt.Println("end")
	select {}
}

// mocks builds the mock drivers, and the one of real controllers, once, and gives their folder.
var mocks = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "haas-mocks-")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", dir, "../../plugins/switch-mock", "../../plugins/obm-mock", "../../plugins/headnode-mock",
		"../../plugins/obm-ipmi").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return dir, err
})

// install copies a mock driver into dir.
func install(t testing.TB, dir string, names ...string) {
	t.Helper()
	from, err := mocks()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, name, b)
	}
}

// play installs the test program as drivers of the given names.
func play(t testing.TB, dir string, names ...string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		put(t, dir, name, b)
	}
}

// put writes an executable beside the directory and moves it in, so that it appears as a whole.
func put(t testing.TB, dir, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	draft := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(draft, b, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(draft, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// hasty is the timing of the tests: what costs only time is short, what decides that something hangs is long.
var hasty = drivers.Timing{Start: 30 * time.Second, Wait: 30 * time.Second, Backoff: time.Millisecond, Settle: 10 * time.Millisecond}

// start runs a manager until the test ends, and waits until it is ready.
func start(t testing.TB, config drivers.Config) *drivers.Manager {
	t.Helper()
	config.Log = hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, Output: logWriter{t}})
	if config.Timing == (drivers.Timing{}) {
		config.Timing = hasty
	}
	m := drivers.New(config)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if err := m.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m
}

// logWriter puts the log of drivers into the test's.
type logWriter struct{ t testing.TB }

func (w logWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// await waits until the named driver's status is as wanted, and gives it.
func await(t testing.TB, m *drivers.Manager, name, what string, wanted func(drivers.Status) bool) drivers.Status {
	t.Helper()
	var last drivers.Status
	ok := eventually(func() bool {
		last = status(m, name)
		return wanted(last)
	})
	if !ok {
		t.Fatalf("%s is not %s; last seen %+v", name, what, last)
	}
	return last
}

// eventually tries again and again until cond is true, for a minute at most.
func eventually(cond func() bool) bool {
	limit := time.After(time.Minute)
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for !cond() {
		select {
		case <-again.C:
		case <-limit:
			return false
		}
	}
	return true
}

func running(s drivers.Status) bool { return s.State == drivers.Running }

// status is the zero Status for a driver that is not listed.
func status(m *drivers.Manager, name string) drivers.Status {
	for _, s := range m.List() {
		if s.Name == name {
			return s
		}
	}
	return drivers.Status{}
}

func wantCode(t testing.TB, err error, code sdk.Code) {
	t.Helper()
	if err == nil || sdk.CodeOf(err) != code {
		t.Fatalf("want %v, got %v", code, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
