package service_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// The types the fake drivers serve. A plain switch has no capability.
const (
	switchType      = "http://example.com/switches/fake"
	plainSwitchType = "http://example.com/switches/plain"
	obmType         = "http://example.com/obm/fake"
	muteType        = "http://example.com/obm/mute"
	hostType        = "http://example.com/headnodes/fake"
	hostsType       = "http://example.com/headnodes/fakes"
)

// checkSettings wants a host and knows no other setting but a password.
func checkSettings(target sdk.Target) error {
	var s struct {
		Host     string     `json:"host"`
		Password sdk.Secret `json:"password"`
	}
	if err := target.Settings.Decode(&s); err != nil {
		return err
	}
	if s.Host == "" {
		return &sdk.Error{Code: sdk.Invalid, Text: "settings", Fields: []sdk.FieldError{{Field: "host", Text: "is required"}}}
	}
	return nil
}

// fakeSwitch checks settings and port names; nobody opens it here.
type fakeSwitch struct{ netswitch.Driver }

// Info names both types.
func (fakeSwitch) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "switch-fake", Types: []sdk.Type{
		{URL: switchType, Capabilities: []string{netswitch.NativelessTrunk}}, {URL: plainSwitchType},
	}}, nil
}

// ValidateTarget checks the settings.
func (fakeSwitch) ValidateTarget(_ context.Context, target sdk.Target) error {
	return checkSettings(target)
}

// ValidatePort knows ports that begin with "gi", in any case. The hosts "portless" and "renaming" have others.
func (fakeSwitch) ValidatePort(_ context.Context, target sdk.Target, port string) (string, error) {
	name := strings.ToLower(port)
	switch settings := string(target.Settings); {
	case strings.Contains(settings, "portless"):
		return "", &sdk.Error{Code: sdk.Invalid, Text: "there is no port at all"}
	case strings.Contains(settings, "renaming"):
		return "new-" + name, nil
	}
	if !strings.HasPrefix(name, "gi") {
		return "", &sdk.Error{Code: sdk.Invalid, Text: "a port is written gi1/0/1"}
	}
	return name, nil
}

// interrupted are drivers of switches that are slow to say what a port is: something else is done first.
type interrupted struct {
	service.Drivers
	meanwhile func()
}

// Switch is the slow driver.
func (i interrupted) Switch(typeURL string) (netswitch.Driver, error) {
	d, err := i.Drivers.Switch(typeURL)
	return slowSwitch{d, i.meanwhile}, err
}

type slowSwitch struct {
	netswitch.Driver
	meanwhile func()
}

// ValidatePort does something else first.
func (s slowSwitch) ValidatePort(ctx context.Context, target sdk.Target, port string) (string, error) {
	s.meanwhile()
	return s.Driver.ValidatePort(ctx, target, port)
}

// fakeLanes answer for the switches: what each port carries, and the ports of a plan as its lines.
type fakeLanes struct {
	running map[string]netswitch.PortState
	err     error
	// meanwhile is called at every question.
	meanwhile func()
}

func (f *fakeLanes) ask(_ context.Context, _ int64, q fabric.Question) (fabric.Answer, error) {
	if f.meanwhile != nil {
		f.meanwhile()
	}
	var a fabric.Answer
	for _, p := range q.Ports {
		var state *netswitch.PortState
		if s, ok := f.running[p]; ok {
			state = &s
		}
		a.Running = append(a.Running, state)
	}
	for _, w := range q.Want {
		a.Lines = append(a.Lines, fmt.Sprint(w.Port, " ", w.VLANs()))
	}
	return a, f.err
}

// fakeOBM writes down what it is asked, and fails with err once that is set.
type fakeOBM struct {
	mu    sync.Mutex
	calls []string // guarded by mu
	err   error    // guarded by mu
	// status is what the power of all nodes is; guarded by mu.
	status obm.Power
	// open counts the sessions that were not closed.
	open atomic.Int64
}

// Info names a type with a console and one without.
func (*fakeOBM) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "obm-fake", Types: []sdk.Type{{URL: obmType}, {URL: muteType}}}, nil
}

// ValidateTarget checks the settings.
func (*fakeOBM) ValidateTarget(_ context.Context, target sdk.Target) error {
	return checkSettings(target)
}

// Open logs in.
func (f *fakeOBM) Open(_ context.Context, target sdk.Target) (obm.Session, error) {
	f.open.Add(1)
	s := &fakeController{f: f, node: target.Name}
	if target.Type == muteType {
		return struct{ obm.Session }{s}, nil
	}
	return s, nil
}

func (f *fakeOBM) note(call string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call)
	return f.err
}

// fail makes every call fail, until it is given nil.
func (f *fakeOBM) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// power makes the power of all nodes what it is given.
func (f *fakeOBM) power(status obm.Power) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status = status
}

// noted are the calls since the last time.
func (f *fakeOBM) noted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

type fakeController struct {
	f    *fakeOBM
	node string
}

// PowerOn writes itself down.
func (c *fakeController) PowerOn(context.Context) error { return c.f.note("on " + c.node) }

// PowerOff writes itself down.
func (c *fakeController) PowerOff(context.Context) error { return c.f.note("off " + c.node) }

// PowerCycle writes itself down.
func (c *fakeController) PowerCycle(_ context.Context, force bool) error {
	if force {
		return c.f.note("reset " + c.node)
	}
	return c.f.note("cycle " + c.node)
}

// PowerStatus is on unless a test says otherwise.
func (c *fakeController) PowerStatus(context.Context) (obm.Power, error) {
	if err := c.f.note("status " + c.node); err != nil {
		return obm.PowerUnknown, err
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	return c.f.status, nil
}

// SetBootDevice writes itself down.
func (c *fakeController) SetBootDevice(_ context.Context, dev obm.BootDevice) error {
	return c.f.note("boot " + c.node + " " + string(dev))
}

// SetNextBootDevice writes itself down.
func (c *fakeController) SetNextBootDevice(_ context.Context, dev obm.BootDevice) error {
	return c.f.note("next boot " + c.node + " " + string(dev))
}

// Sensors are one.
func (c *fakeController) Sensors(context.Context) ([]obm.Sensor, error) {
	value := 35.5
	return []obm.Sensor{{Name: "MBTemp", Value: &value, Unit: "degrees C", State: "ok"}}, c.f.note("sensors " + c.node)
}

// Inventory is the node as a whole.
func (c *fakeController) Inventory(context.Context) ([]obm.Part, error) {
	return []obm.Part{{Name: "system", Serial: "A1"}}, c.f.note("inventory " + c.node)
}

// Identify writes itself down.
func (c *fakeController) Identify(_ context.Context, d time.Duration) error {
	return c.f.note("identify " + c.node + " " + d.String())
}

// Console prints one line and waits to be closed.
func (c *fakeController) Console(context.Context) (io.ReadWriteCloser, error) {
	r, w := io.Pipe()
	go func() { _, _ = io.WriteString(w, "boot log of "+c.node+"\n") }()
	return struct {
		io.Reader
		io.WriteCloser
	}{r, w}, c.f.note("console " + c.node)
}

// Close logs out.
func (c *fakeController) Close() error {
	c.f.open.Add(-1)
	return nil
}

// fakeHost keeps machines in memory; its calls fail with err once that is set.
type fakeHost struct {
	mu       sync.Mutex
	machines map[string]headnode.Spec // guarded by mu
	running  map[string]bool          // guarded by mu
	err      error                    // guarded by mu
	down     error                    // what opening a session fails with, if anything; guarded by mu
	// fits are the images that it has room for; nil means all. total is its memory in MiB; each machine takes one GiB.
	fits   []string
	total  int64
	seeds  map[string]headnode.Seed // guarded by mu
	images []headnode.Image         // guarded by mu
	// starts counts what was started, or was to be; guarded by mu.
	starts int
	// meanwhile is called at the beginning of every Create.
	meanwhile func()
	// started and deleted are called at the end of every Start and Delete.
	started, deleted func()
	// plugging is called at the beginning of every Plug, which fails with what it gives.
	plugging func(headnode.NIC) error
	// plugged is called when a Plug has been done, and loses its answer with what it gives.
	plugged func(headnode.NIC) error
}

func newFakeHost(total int64) *fakeHost {
	return &fakeHost{machines: map[string]headnode.Spec{}, running: map[string]bool{}, seeds: map[string]headnode.Seed{}, total: total}
}

// Room counts machines.
func (f *fakeHost) Room(_ context.Context, image string) (headnode.Room, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if image != "" && f.fits != nil && !slices.Contains(f.fits, image) {
		return headnode.Room{Total: f.total}, &sdk.Error{Code: sdk.Invalid, Text: "there is no " + image}
	}
	room := headnode.Room{Total: f.total, Used: int64(len(f.machines)) << 10}
	if image != "" {
		room.Needed = 1 << 10
	}
	return room, nil
}

// fakeHosts are hosts by their names.
type fakeHosts map[string]*fakeHost

// Info names the type.
func (fakeHosts) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "headnode-fakes", Types: []sdk.Type{{URL: hostsType}}}, nil
}

// ValidateTarget accepts everything.
func (fakeHosts) ValidateTarget(context.Context, sdk.Target) error { return nil }

// Open logs in to the host that has the target's name.
func (f fakeHosts) Open(ctx context.Context, target sdk.Target) (headnode.Session, error) {
	return f[target.Name].Open(ctx, target)
}

// Info names the type.
func (*fakeHost) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "headnode-fake", Types: []sdk.Type{{URL: hostType}}}, nil
}

// ValidateTarget accepts everything.
func (*fakeHost) ValidateTarget(context.Context, sdk.Target) error { return nil }

// Open logs in, unless the host is down.
func (f *fakeHost) Open(context.Context, sdk.Target) (headnode.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f, f.down
}

// cut makes the host unreachable, until it is given nil.
func (f *fakeHost) cut(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = err
}

// Images fails if it is told to.
func (f *fakeHost) Images(context.Context) ([]headnode.Image, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.images, f.err
}

// CreateSeeded keeps a machine and its seed.
func (f *fakeHost) CreateSeeded(ctx context.Context, spec headnode.Spec, seed headnode.Seed) error {
	f.mu.Lock()
	f.seeds[spec.ID] = seed
	f.mu.Unlock()
	return f.Create(ctx, spec)
}

// Create keeps a machine.
func (f *fakeHost) Create(_ context.Context, spec headnode.Spec) error {
	if f.meanwhile != nil {
		f.meanwhile()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.machines[spec.ID]; !ok {
		f.machines[spec.ID] = spec
	}
	return nil
}

// Start fails if it is told to.
func (f *fakeHost) Start(_ context.Context, id string) error {
	f.mu.Lock()
	f.starts++
	f.running[id] = f.err == nil
	err := f.err
	f.mu.Unlock()
	if f.started != nil {
		f.started()
	}
	return err
}

// Stop refuses what does not run.
func (f *fakeHost) Stop(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.running[id] {
		return &sdk.Error{Code: sdk.Refused, Text: "the machine does not run"}
	}
	f.running[id] = false
	return nil
}

// Delete forgets a machine.
func (f *fakeHost) Delete(_ context.Context, id string) error {
	f.mu.Lock()
	delete(f.machines, id)
	delete(f.running, id)
	f.mu.Unlock()
	if f.deleted != nil {
		f.deleted()
	}
	return nil
}

// Plug moves a card.
func (f *fakeHost) Plug(_ context.Context, id string, nic headnode.NIC) error {
	if f.plugging != nil {
		if err := f.plugging(nic); err != nil {
			return err
		}
	}
	if err := f.move(id, nic); err != nil || f.plugged == nil {
		return err
	}
	return f.plugged(nic)
}

func (f *fakeHost) move(id string, nic headnode.NIC) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, n := range f.machines[id].NICs {
		if n.Label == nic.Label {
			f.machines[id].NICs[i] = nic
			return nil
		}
	}
	return &sdk.Error{Code: sdk.NotFound, Text: "no such machine or card"}
}

// State shows a screen while the machine runs.
func (f *fakeHost) State(_ context.Context, id string) (headnode.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.machines[id]; !ok {
		return headnode.State{}, &sdk.Error{Code: sdk.NotFound, Text: "there is no machine " + id}
	}
	return headnode.State{Running: f.running[id], VNCPort: 5901}, nil
}

// Close logs out.
func (*fakeHost) Close() error { return nil }

// fail makes every start fail, until it is given nil.
func (f *fakeHost) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// specs are the machines there are.
func (f *fakeHost) specs() []headnode.Spec {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []headnode.Spec
	for _, s := range f.machines {
		all = append(all, s)
	}
	return all
}
