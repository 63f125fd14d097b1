package netswitch_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// launch starts this test's own program as a driver.
func launch(t testing.TB, log hclog.Logger) netswitch.Session {
	t.Helper()
	source := conformance.Source[netswitch.Driver]{Binary: self(t), Kind: netswitch.Kind, Plugin: netswitch.Plugin{}}
	s, err := source.Open(t, log)(t).Open(t.Context(), target())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func self(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAVanishedDriverIsGone(t *testing.T) {
	t.Parallel()
	s := launch(t, hclog.NewNullLogger())
	for _, port := range []string{"exit", "still gone"} {
		_, err := s.Read(t.Context(), []string{port})
		if !errors.Is(err, &sdk.Error{Code: sdk.Gone}) || !sdk.IsRetryable(err) {
			t.Errorf("%#v", err)
		}
	}
}

func TestADriverSurvivesItsPanic(t *testing.T) {
	t.Parallel()
	s := launch(t, hclog.NewNullLogger())
	if _, err := s.Read(t.Context(), []string{"panic"}); !errors.Is(err, &sdk.Error{Code: sdk.Internal}) {
		t.Errorf("%#v", err)
	}
	if err := s.Save(t.Context()); err != nil {
		t.Errorf("after a panic: %v", err)
	}
}

func TestADriversLogComesToTheHost(t *testing.T) {
	t.Parallel()
	w := &journal{}
	s := launch(t, hclog.New(&hclog.LoggerOptions{Output: w}))
	for _, port := range []string{"print", "log"} {
		_, _ = s.Read(t.Context(), []string{port}) // the answer is for no port, which is an error
	}
	ok := conformance.Eventually(t.Context(), 10*time.Second, func() bool { return strings.Contains(w.String(), "port told to log") })
	if said := w.String(); !ok || !strings.Contains(said, "[WARN]") || !strings.Contains(said, "password=[secret]") {
		t.Errorf("the host's log lacks the driver's line: %s", said)
	}
}

func TestADriverOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  sdk.Handshake,
		VersionedPlugins: map[int]plugin.PluginSet{sdk.ProtocolVersion + 1: {netswitch.Kind: netswitch.Plugin{}}},
		Cmd:              exec.CommandContext(t.Context(), self(t)),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		Logger:           hclog.NewNullLogger(),
	})
	defer client.Kill()
	if _, err := client.Start(); err == nil || !strings.Contains(err.Error(), "incompatible API version") {
		t.Errorf("%v", err)
	}
}

func TestADriverStartedByHandSaysWhereItBelongs(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), self(t), byHand)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 2 {
		t.Errorf("%v", err)
	}
	for _, words := range []string{"switch driver of HaaS", "plugin directory", "haas driver list"} {
		if !strings.Contains(stderr.String(), words) {
			t.Errorf("%q does not say %q", stderr.String(), words)
		}
	}
	if stdout.Len() != 0 {
		t.Errorf("standard output: %q", stdout.String())
	}
}

// BenchmarkCall is a call that does nothing, to a driver launched as the server launches it.
func BenchmarkCall(b *testing.B) {
	s := launch(b, hclog.NewNullLogger())
	took := make([]time.Duration, 0, b.N)
	for b.Loop() {
		start := time.Now()
		if err := s.Save(b.Context()); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns/op")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns/op")
}

// journal is a log that may be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
