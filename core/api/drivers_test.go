package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/obm"
)

const objectSchema = `{"type": "object", "required": ["password"], "properties": {"password": {"type": "string", "writeOnly": true}}}`

// fakeSwitch is a driver of switches that are never reached.
type fakeSwitch struct{ netswitch.Driver }

func (fakeSwitch) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "switch-mock", Version: "1", Types: []sdk.Type{
		{URL: switchType, Title: "Fake switch", Settings: json.RawMessage(objectSchema)},
	}}, nil
}

func (fakeSwitch) ValidateTarget(_ context.Context, t sdk.Target) error {
	var settings struct{ Hostname, Username, Password string }
	return t.Settings.Decode(&settings)
}

func (fakeSwitch) ValidatePort(_ context.Context, _ sdk.Target, port string) (string, error) {
	return strings.ToLower(port), nil
}

// fakeDevice stands for the fabric and the switches behind it.
type fakeDevice struct {
	mu sync.Mutex // guards what follows
	// running are the ports of the switch by its own names; it has no others.
	running map[string]netswitch.PortState
	err     error
}

func (d *fakeDevice) ask(_ context.Context, _ int64, q fabric.Question) (fabric.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := fabric.Answer{Listed: q.ListPorts, Ports: slices.Sorted(maps.Keys(d.running))}
	for _, port := range q.Ports {
		var seen *netswitch.PortState
		if state, ok := d.running[port]; ok {
			seen = &state
		}
		a.Running = append(a.Running, seen)
	}
	for _, want := range q.Want {
		a.Lines = append(a.Lines, fmt.Sprintf("%s %d up=%t", want.Port, want.VLANs(), want.Up))
	}
	return a, d.err
}

// carries sets what the switch has.
func (d *fakeDevice) carries(ports ...netswitch.PortState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running = map[string]netswitch.PortState{}
	for _, p := range ports {
		d.running[p.Port] = p
	}
}

// fails makes the switch answer every question with an error.
func (d *fakeDevice) fails(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

// fakeOBM is a driver of controllers whose consoles print the controller's host and then wait.
type fakeOBM struct{ obm.Driver }

func (fakeOBM) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "obm-mock", Version: "1", Types: []sdk.Type{
		{URL: obmType, Title: "Fake controller", Settings: json.RawMessage(objectSchema)},
	}}, nil
}

func (fakeOBM) ValidateTarget(_ context.Context, t sdk.Target) error {
	var settings struct{ Host, User, Password string }
	return t.Settings.Decode(&settings)
}

func (fakeOBM) Open(_ context.Context, t sdk.Target) (obm.Session, error) {
	var settings struct{ Host, User, Password string }
	err := t.Settings.Decode(&settings)
	return fakeController{host: settings.Host}, err
}

type fakeController struct {
	obm.Session
	host string
}

func (fakeController) PowerOn(context.Context) error { return nil }

func (fakeController) PowerOff(context.Context) error {
	return &sdk.Error{Code: sdk.Refused, Text: "the fuse is blown"}
}

func (fakeController) PowerCycle(context.Context, bool) error { return nil }

func (fakeController) PowerStatus(context.Context) (obm.Power, error) { return obm.PowerOn, nil }

func (fakeController) SetBootDevice(context.Context, obm.BootDevice) error { return nil }

func (fakeController) SetNextBootDevice(context.Context, obm.BootDevice) error {
	return &sdk.Error{Code: sdk.Unsupported, Text: "there is one place for a choice"}
}

func (fakeController) Sensors(context.Context) ([]obm.Sensor, error) {
	value, odd := 35.5, math.NaN()
	return []obm.Sensor{
		{Name: "MBTemp", Value: &value, Unit: "degrees C", State: "ok"}, {Name: "PSU", State: "presence detected"}, {Name: "Odd", Value: &odd},
	}, nil
}

func (c fakeController) Inventory(context.Context) ([]obm.Part, error) {
	if c.host == "bare" {
		return nil, nil
	}
	return []obm.Part{{
		Name: "system", Manufacturer: "Dell", Product: "R620", PartNumber: "0GFKVD", Serial: "A1", Version: "A00", AssetTag: "rack-7",
	}}, nil
}

// Identify tells in its error what it was asked.
func (fakeController) Identify(_ context.Context, d time.Duration) error {
	return &sdk.Error{Code: sdk.Refused, Text: "lamp for " + d.String()}
}

func (fakeController) Close() error { return nil }

func (c fakeController) Console(context.Context) (io.ReadWriteCloser, error) {
	out, in := io.Pipe()
	line := &fakeLine{PipeReader: out, in: in}
	line.writing.Go(func() { _, _ = io.WriteString(in, c.host) })
	return line, nil
}

// fakeLine prints once, and then what is typed in capitals.
type fakeLine struct {
	*io.PipeReader
	in      *io.PipeWriter
	writing sync.WaitGroup
}

func (l *fakeLine) Write(p []byte) (int, error) { return l.in.Write(bytes.ToUpper(p)) }

func (l *fakeLine) Close() error {
	err := l.PipeReader.Close()
	l.writing.Wait()
	return err
}
