package conformance

import (
	"context"
	"os"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/CCI-MOC/haas/sdk"
)

// Source says where a kit takes its driver D from.
type Source[D any] struct {
	// New makes a driver in this process.
	New func(log hclog.Logger) D
	// Binary is a program to launch, in place of New.
	Binary string
	// Kind and Plugin are those of the contract.
	Kind   string
	Plugin plugin.Plugin
	// Config is the driver's section of haas.cfg.
	Config map[string]string
}

// Open gives a function that gives the driver: a new one for each check, or always the launched one.
func (s Source[D]) Open(t T, log hclog.Logger) func(T) D {
	t.Helper()
	if s.Binary == "" {
		return func(t T) D { return s.configured(t, s.New(log)) }
	}
	d, ok := s.launch(t, log).(D)
	if !ok {
		t.Fatalf("%s is no %s driver", s.Binary, s.Kind)
	}
	s.configured(t, d)
	return func(T) D { return d }
}

func (s Source[D]) configured(t T, driver D) D {
	t.Helper()
	c, ok := any(driver).(sdk.Configurer)
	if !ok {
		return driver
	}
	if err := c.Configure(t.Context(), s.Config); err != nil {
		t.Fatalf("Configure: %v", err)
	}
	return driver
}

// launch starts the driver as the server does: encrypted, and without the environment but PATH.
func (s Source[D]) launch(t T, log hclog.Logger) any {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), s.Binary) // Kill ends it, and more gently
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  sdk.Handshake,
		VersionedPlugins: map[int]plugin.PluginSet{sdk.ProtocolVersion: {s.Kind: s.Plugin}},
		Cmd:              cmd,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		Logger:           log,
	})
	t.Cleanup(client.Kill)
	conn, err := client.Client()
	if err != nil {
		t.Fatalf("launch %s: %v", s.Binary, err)
	}
	driver, err := conn.Dispense(s.Kind)
	if err != nil {
		t.Fatalf("connect to %s: %v", s.Binary, err)
	}
	return driver
}
