package main

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// longestLamp is for how long the lamp can be lit: as long as IPMI counts.
const longestLamp = 255 * time.Second

func (s *session) Sensors(ctx context.Context) ([]obm.Sensor, error) {
	dev, _, err := s.visit(ctx)
	if err != nil {
		return nil, err
	}
	return dev.sensors(time.Now()), nil
}

func (s *session) Inventory(ctx context.Context) ([]obm.Part, error) {
	dev, _, err := s.visit(ctx)
	if err != nil {
		return nil, err
	}
	return dev.parts(), nil
}

func (s *session) Identify(ctx context.Context, d time.Duration) error {
	if d < 0 || d > longestLamp {
		return &sdk.Error{Code: sdk.Invalid, Text: "identify: the time must be from 0 to " + longestLamp.String()}
	}
	return s.change(ctx, "identify", func(dev *device) string { dev.light(time.Now(), d); return "" })
}

// light lights the lamp for d, rounded up to whole seconds, or puts it out.
func (d *device) light(now time.Time, lit time.Duration) {
	d.LampUntil = 0
	if lit > 0 {
		d.LampUntil = now.Add(lit + time.Second - 1).Unix()
	}
}

// sensors read what the node would: what stands still or is cold while it is off is not measured.
func (d *device) sensors(now time.Time) []obm.Sensor {
	inlet := 21.5
	sensors := []obm.Sensor{
		{Name: "Inlet Temp", Value: &inlet, Unit: "degrees C", State: "ok"},
		d.running("CPU1 Temp", 46, "degrees C"),
		d.running("Fan1", 5400, "RPM"),
		{Name: "PSU1", State: "presence detected"},
		{Name: "Identify LED", State: "off"},
	}
	if d.LampUntil > now.Unix() {
		sensors[len(sensors)-1].State = "on"
	}
	return sensors
}

// running is a sensor that measures only while the node is on.
func (d *device) running(name string, value float64, unit string) obm.Sensor {
	if !d.On {
		return obm.Sensor{Name: name, State: "no reading"}
	}
	return obm.Sensor{Name: name, Value: &value, Unit: unit, State: "ok"}
}

// parts are those of a node that nobody makes.
func (d *device) parts() []obm.Part {
	return []obm.Part{
		{Name: "system", Manufacturer: "HaaS", Product: "Mock Server", PartNumber: "MOCK-1", Serial: d.serial("S"), Version: version, AssetTag: d.Host},
		{Name: "board", Manufacturer: "HaaS", Product: "Mock Board", PartNumber: "MOCK-B1", Serial: d.serial("B")},
		{Name: "PSU1", Manufacturer: "HaaS", Product: "Mock Power Supply", PartNumber: "MOCK-P1", Serial: d.serial("P")},
	}
}

// serial is the number of a part: always the same for the same host.
func (d *device) serial(prefix string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(prefix + d.Host)) // a hash takes everything
	return prefix + strconv.FormatUint(uint64(h.Sum32()), 36)
}
