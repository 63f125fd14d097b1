package drivers

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/CCI-MOC/haas/sdk"
)

// farewell is how long a driver may take to end when asked to; the SDK gives the sessions with devices less.
const farewell = 3 * time.Second

// process is a driver that runs.
type process struct {
	client *plugin.Client
	child  *child
	health grpc_health_v1.HealthClient
	driver any // a netswitch.Driver, obm.Driver or headnode.Driver
	info   sdk.Info
	born   time.Time
	calls  sync.WaitGroup // those under way; one is added only while the process is its driver's current one
	served atomic.Bool    // at least one call was answered
}

// newProcess prepares the launch of the driver at path. Nothing runs yet.
func newProcess(path, runDir, kind string, log hclog.Logger) (*process, error) {
	c, err := newChild(path)
	if err != nil {
		return nil, err
	}
	p := &process{child: c}
	p.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  sdk.Handshake,
		VersionedPlugins: map[int]plugin.PluginSet{sdk.ProtocolVersion: pluginsOf(kind)},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: runDir},
		Logger:           log,
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, _ string) (runner.Runner, error) {
			c.setEnv(spec.Env)
			return c, nil
		},
	})
	return p, nil
}

// ping asks the process whether it lives.
func (p *process) ping(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_, err := p.health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: plugin.GRPCServiceName})
	return err
}

// stop asks the process to end, and ends it if it does not.
func (p *process) stop() {
	limit := time.AfterFunc(farewell, p.child.kill)
	defer limit.Stop()
	p.client.Kill()
}

// kill ends the process at once, and returns when nothing of it is left.
func (p *process) kill() {
	p.child.kill()
	p.client.Kill()
}

// retire stops a process that has been replaced, once its last call is answered or the drain is over.
func (p *process) retire(ctx context.Context, drain time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, drain)
	defer cancel()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		p.calls.Wait()
	}()
	select {
	case <-idle:
	case <-ctx.Done():
	}
	p.stop()
	<-idle // stopped, the process answers no call; those left fail
}

// launchError puts what go-plugin says in a line that helps.
func launchError(err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if strings.HasPrefix(text, "Unrecognized remote plugin message") {
		return errors.New("it does not introduce itself as a HaaS driver; is it one, and for this machine?")
	}
	if text != err.Error() {
		return errors.New(text)
	}
	return err
}
