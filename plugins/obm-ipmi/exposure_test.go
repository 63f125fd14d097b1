// A program cannot be imported, so its tests are inside.

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// heard is a log that may be written to at once.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// launch runs the program as the server does, with a log of everything.
func launch(t testing.TB, log *heard) (obm.Driver, int) {
	t.Helper()
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  sdk.Handshake,
		Plugins:          plugin.PluginSet{obm.Kind: obm.Plugin{}},
		Cmd:              exec.Command(program(t)), //nolint:gosec // built by this test
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: log}),
	})
	t.Cleanup(client.Kill)
	rpc, err := client.Client()
	must(t, err)
	driver, err := rpc.Dispense(obm.Kind)
	must(t, err)
	return driver.(obm.Driver), client.ReattachConfig().Pid
}

// TestThePasswordIsNowhere looks for it where other users, and readers of logs and errors, can see it.
func TestThePasswordIsNowhere(t *testing.T) {
	t.Parallel()
	log := &heard{}
	d, pid := launch(t, log)
	c := simulate(t, bmctest.Options{})
	errs := []error{useEverything(t.Context(), d, targetOf(t, c, nil))}
	const wrong = "Wrong-secret-79"
	_, err := d.Open(t.Context(), targetOf(t, c, map[string]any{"password": wrong}))
	wantCode(t, err, sdk.Denied)
	tooLong := strings.Repeat(wrong, 2)
	errs = append(errs, err, d.ValidateTarget(t.Context(), targetOf(t, c, map[string]any{"password": tooLong})))
	said := fmt.Sprintf("%s\n%+v\n%s", log, errs, argvAndEnvironment(t, pid))
	for _, secret := range []string{password, wrong} {
		if strings.Contains(said, secret) {
			t.Errorf("a password shows in: %s", strings.ReplaceAll(said, secret, "<THE PASSWORD>"))
		}
	}
	if !strings.Contains(said, "obm-ipmi") {
		t.Errorf("nothing was heard: %s", said)
	}
}

func useEverything(ctx context.Context, d obm.Driver, target sdk.Target) error {
	s, err := d.Open(ctx, target)
	if err != nil {
		return err
	}
	_, _ = s.PowerStatus(ctx)
	_ = s.PowerCycle(ctx, true)
	_, _ = s.(obm.SensorReader).Sensors(ctx)
	_, _ = s.(obm.Inventorier).Inventory(ctx)
	console, err := s.(obm.ConsoleTaker).TakeConsole(ctx)
	if err != nil {
		return err
	}
	_, busy := s.(obm.Consoler).Console(ctx)
	return errors.Join(busy, console.Close())
}

// argvAndEnvironment is what the system shows of a process.
func argvAndEnvironment(t testing.TB, pid int) string {
	t.Helper()
	var all strings.Builder
	for _, name := range []string{"cmdline", "environ"} {
		b, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), name))
		must(t, err)
		all.Write(b)
	}
	return all.String()
}
