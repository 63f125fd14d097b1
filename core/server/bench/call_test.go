package bench_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// call compares a call of a driver that does nothing with a ping of the same program.
func call(b *testing.B, t *table) {
	const times = 2000
	driver := get(host(b, nil).Switch(servertest.SwitchMock))(b)
	bare := launch(b)
	m := inTurns(b,
		func(b *testing.B) float64 {
			return typical(times, func() { get(driver.ValidatePort(b.Context(), sdk.Target{}, "gi1/0/1"))(b) })
		},
		func(b *testing.B) float64 { return typical(times, func() { must(b, bare.Ping()) }) })
	t.add(row{"driver call, p50", figure{m[0], "ms"}, figure{m[1], "ms"}, below(0.3, "ms")})
}

// host runs the mock drivers until the end of the benchmark.
func host(b *testing.B, sections map[string]map[string]string) *drivers.Manager {
	b.Helper()
	m := drivers.New(drivers.Config{Dir: servertest.Plugins(b), Sections: sections, Log: hclog.NewNullLogger()})
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := m.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	b.Cleanup(func() {
		cancel()
		running.Wait()
	})
	must(b, m.Ready(b.Context()))
	return m
}

// launch starts a mock switch driver as go-plugin does by itself.
func launch(b *testing.B) plugin.ClientProtocol {
	b.Helper()
	c := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  sdk.Handshake,
		VersionedPlugins: map[int]plugin.PluginSet{sdk.ProtocolVersion: {netswitch.Kind: netswitch.Plugin{}}},
		Cmd:              exec.Command(filepath.Join(servertest.Plugins(b), "switch-mock")),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		Logger:           hclog.NewNullLogger(),
	})
	b.Cleanup(c.Kill)
	return get(c.Client())(b)
}
