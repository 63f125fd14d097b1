package fabric_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

const switchType = "http://example.com/switches/scripted"

// rack is the driver of scripted switches, which live in this process and are found by name.
type rack struct{ devices map[string]*device }

var _ netswitch.Driver = (*rack)(nil)

func newRack(names ...string) *rack {
	r := &rack{devices: map[string]*device{}}
	for _, name := range names {
		r.devices[name] = &device{running: map[string]netswitch.PortState{}}
	}
	return r
}

// drivers hands out the rack.
func (r *rack) drivers() drivers.Static { return drivers.Static{Switches: []netswitch.Driver{r}} }

// Info names the one type.
func (r *rack) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "switch-scripted", Types: []sdk.Type{{URL: switchType, Capabilities: []string{netswitch.NativelessTrunk}}}}, nil
}

// ValidateTarget takes anything.
func (r *rack) ValidateTarget(context.Context, sdk.Target) error { return nil }

// ValidatePort takes anything.
func (r *rack) ValidatePort(_ context.Context, _ sdk.Target, port string) (string, error) {
	return port, nil
}

// Open visits a device.
func (r *rack) Open(ctx context.Context, target sdk.Target) (netswitch.Session, error) {
	d := r.devices[target.Name]
	if open := d.script().open; open != nil {
		if err := open(ctx); err != nil {
			return nil, err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.visitors++
	d.crowd = max(d.crowd, d.visitors)
	return &visit{d}, nil
}

// script is how a device misbehaves; what is nil behaves.
type script struct {
	open  func(context.Context) error
	apply func(context.Context, []netswitch.PortState) ([]netswitch.PortResult, error)
	read  func(context.Context, []string) ([]netswitch.PortState, error)
	save  func(context.Context) error
	list  func(context.Context) ([]string, error)
}

// device is a switch in memory.
type device struct {
	mu sync.Mutex
	// The fields below are guarded by mu.
	played  script
	running map[string]netswitch.PortState
	// history is every state of all ports together that there ever was.
	history               []map[string]netswitch.PortState
	applies, reads, saves int
	// visitors are the sessions that are open now, crowd the most that ever were.
	visitors, crowd int
}

func (d *device) script() script {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.played
}

// play changes how the device misbehaves.
func (d *device) play(s script) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.played = s
}

// set puts ports into the running configuration.
func (d *device) set(states ...netswitch.PortState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range states {
		d.running[s.Port] = s
	}
	d.history = append(d.history, maps.Clone(d.running))
}

// port is what the running configuration says of a port.
func (d *device) port(name string) netswitch.PortState {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.running[name]
	s.Port = name
	return s
}

// count is how often the device was told, asked and made to save.
func (d *device) count() (applies, reads, saves int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.applies, d.reads, d.saves
}

// obey is Apply of a switch that works. A switch may take ports in any order; this one begins with the last.
func (d *device) obey(_ context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	for _, w := range slices.Backward(want) {
		d.set(w)
	}
	return accepted(want), nil
}

// accepted is the answer of a switch that takes everything.
func accepted(want []netswitch.PortState) []netswitch.PortResult {
	results := make([]netswitch.PortResult, 0, len(want))
	for _, w := range want {
		results = append(results, netswitch.PortResult{Port: w.Port})
	}
	return results
}

// refused is the answer of a switch that takes nothing.
func refused(want []netswitch.PortState, err *sdk.Error) []netswitch.PortResult {
	results := accepted(want)
	for i := range results {
		results[i].Err = err
	}
	return results
}

// visit is a session with a device.
type visit struct{ *device }

var (
	_ netswitch.Session    = (*visit)(nil)
	_ netswitch.PortLister = (*visit)(nil)
)

// Read says what is running.
func (v *visit) Read(ctx context.Context, ports []string) ([]netswitch.PortState, error) {
	v.mu.Lock()
	v.reads++
	v.mu.Unlock()
	if read := v.script().read; read != nil {
		return read(ctx, ports)
	}
	states := make([]netswitch.PortState, 0, len(ports))
	for _, p := range ports {
		states = append(states, v.port(p))
	}
	return states, nil
}

// Plan is a line for each port that is not as wanted.
func (v *visit) Plan(_ context.Context, want []netswitch.PortState) ([]string, error) {
	lines := []string{}
	for _, w := range want {
		if !v.port(w.Port).Equal(w) {
			lines = append(lines, fmt.Sprint("set ", w.Port, " to ", w.VLANs()))
		}
	}
	return lines, nil
}

// ListPorts is not what every driver can.
func (v *visit) ListPorts(ctx context.Context) ([]string, error) {
	if list := v.script().list; list != nil {
		return list(ctx)
	}
	return nil, &sdk.Error{Code: sdk.Unsupported, Text: "this driver cannot list ports"}
}

// Apply makes the changes.
func (v *visit) Apply(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	v.mu.Lock()
	v.applies++
	v.mu.Unlock()
	if apply := v.script().apply; apply != nil {
		return apply(ctx, want)
	}
	return v.obey(ctx, want)
}

// Save saves.
func (v *visit) Save(ctx context.Context) error {
	v.mu.Lock()
	v.saves++
	v.mu.Unlock()
	if save := v.script().save; save != nil {
		return save(ctx)
	}
	return nil
}

// Close ends the visit.
func (v *visit) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.visitors--
	return nil
}

// stuck is a call of a device that holds on until it is released or given up.
type stuck struct {
	entered, released chan struct{}
	once              sync.Once
}

func newStuck() *stuck { return &stuck{entered: make(chan struct{}), released: make(chan struct{})} }

// hold waits, the first time that it is called; it reports an error if the call was given up.
func (s *stuck) hold(ctx context.Context) error {
	first := false
	s.once.Do(func() { first = true; close(s.entered) })
	if !first {
		return nil
	}
	select {
	case <-s.released:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await waits until somebody is held.
func (s *stuck) await(t testing.TB) {
	t.Helper()
	await(t, "somebody comes", s.entered)
}

// ports are the running states by port.
func (d *device) ports() map[string]netswitch.PortState {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.running)
}
