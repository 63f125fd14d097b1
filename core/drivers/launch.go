package drivers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// pluginsOf is what a driver of a kind serves. This is the list of all kinds.
func pluginsOf(kind string) plugin.PluginSet {
	switch kind {
	case netswitch.Kind:
		return plugin.PluginSet{kind: netswitch.Plugin{}}
	case obm.Kind:
		return plugin.PluginSet{kind: obm.Plugin{}}
	case headnode.Kind:
		return plugin.PluginSet{kind: headnode.Plugin{}}
	default:
		return plugin.PluginSet{}
	}
}

// launcher makes processes of files.
type launcher struct {
	dir, runDir string
	sections    map[string]map[string]string
	locate      func(driver, key, text string) error
	timing      Timing
	log         hclog.Logger
}

// launch checks, starts and configures the named driver. The calling goroutine keeps its thread for as long as the
// process is wanted.
func (l *launcher) launch(ctx context.Context, name string) (*process, error) {
	if err := vet(l.dir, name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.timing.Start)
	defer cancel()
	p, err := newProcess(filepath.Join(l.dir, name), l.runDir, kindOf(name), l.log.Named(name))
	if err != nil {
		return nil, err
	}
	if err := l.bringUp(ctx, p, name); err != nil {
		p.kill()
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, fmt.Errorf("it did not come up within %v", l.timing.Start)
		}
		return nil, err
	}
	return p, nil
}

// bringUp takes p from a file to a driver that may be called.
func (l *launcher) bringUp(ctx context.Context, p *process, name string) error {
	defer context.AfterFunc(ctx, p.child.kill)() // not every step takes a context
	protocol, err := p.client.Client()
	if err != nil {
		return launchError(err)
	}
	g, ok := protocol.(*plugin.GRPCClient)
	if !ok {
		return errors.New("it does not speak gRPC")
	}
	p.health = grpc_health_v1.NewHealthClient(g.Conn)
	if p.driver, err = protocol.Dispense(kindOf(name)); err != nil {
		return fmt.Errorf("introduce: %w", err)
	}
	if err := l.configure(ctx, p.driver, name); err != nil {
		return fmt.Errorf("configure: %w", err)
	}
	p.info, err = introduce(ctx, p.driver, name)
	p.born = time.Now()
	return err
}

// configure gives a driver its section. One without settings of its own must have none.
func (l *launcher) configure(ctx context.Context, driver any, name string) error {
	section := l.sections[name]
	c, ok := driver.(sdk.Configurer)
	if ok {
		return l.located(name, c.Configure(ctx, section))
	}
	if len(section) > 0 {
		return fmt.Errorf("the driver has no settings; remove the section [%s]", name)
	}
	return nil
}

// located says where the keys stand that a driver complains of.
func (l *launcher) located(name string, err error) error {
	e, ok := errors.AsType[*sdk.Error](err)
	if !ok || l.locate == nil || len(e.Fields) == 0 {
		return err
	}
	var all []error
	for _, f := range e.Fields {
		all = append(all, l.locate(name, f.Field, f.Text))
	}
	return errors.Join(all...)
}

// anyDriver is what the drivers of all kinds have in common.
type anyDriver interface {
	Info(ctx context.Context) (sdk.Info, error)
	ValidateTarget(ctx context.Context, target sdk.Target) error
}

// introduce asks the driver who it is, and does not believe everything.
func introduce(ctx context.Context, driver any, name string) (sdk.Info, error) {
	d, ok := driver.(anyDriver)
	if !ok {
		return sdk.Info{}, fmt.Errorf("a %T is no driver", driver)
	}
	info, err := d.Info(ctx)
	if err != nil {
		return info, fmt.Errorf("introduce: %w", err)
	}
	if err := checkInfo(info, name); err != nil {
		return info, err
	}
	return info, checkKind(ctx, d, info, name)
}

// checkKind makes a call that only a driver of the kind in the name understands. What it says of the settings,
// which are empty, does not matter.
func checkKind(ctx context.Context, d anyDriver, info sdk.Info, name string) error {
	err := d.ValidateTarget(ctx, sdk.Target{Name: name, Type: info.Types[0].URL})
	if errors.Is(err, &sdk.Error{Code: sdk.Unsupported}) {
		return fmt.Errorf("it is no %s driver, as its name says: %w", kindOf(name), err)
	}
	return nil
}

func checkInfo(info sdk.Info, name string) error {
	if info.Name != name {
		return fmt.Errorf("it says that it is %q; a driver's file has the driver's name", info.Name)
	}
	if len(info.Types) == 0 {
		return errors.New("it serves no type")
	}
	seen := map[string]bool{}
	for _, t := range info.Types {
		u, err := url.Parse(t.URL)
		if err != nil || !u.IsAbs() || seen[t.URL] {
			return fmt.Errorf("its type %q is no absolute URL, or is there twice", t.URL)
		}
		seen[t.URL] = true
		var schema map[string]any
		if err := json.Unmarshal(t.Settings, &schema); err != nil {
			return fmt.Errorf("the settings schema of its type %s is no JSON object: %w", t.URL, err)
		}
	}
	return nil
}
