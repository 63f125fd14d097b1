package bmctest

import (
	"context"

	"github.com/bougou/go-ipmi/pkg/hal/mock"
	"github.com/bougou/go-ipmi/pkg/handlers"
	"github.com/bougou/go-ipmi/pkg/types"
)

// The inventory of every simulated machine.
const (
	Manufacturer = "HaaS"
	Product      = "Simulated 620"
	Serial       = "SIM-0001"
	AssetTag     = "rack-7"
)

// The sensors of every simulated machine, each with its raw reading: two that measure, a third that cannot be read.
const (
	Temperature = "MBTemp"
	Fan         = "CPUFan"
	Silent      = "Absent"
	celsius     = 0x01
	rpm         = 0x12
)

var readings = map[byte]byte{1: 35, 2: 50}

// stored is what the controller keeps in its memories.
type stored struct{ mock.Storage }

func newStored() *stored {
	s := &stored{}
	ctx := context.Background()
	records := [][]byte{record(1, Temperature, 0x01, celsius, 1), record(2, Fan, 0x04, rpm, 60), record(3, Silent, 0x01, celsius, 1)}
	for i, r := range records {
		_ = s.SDR().Write(ctx, uint16(i+1), r) // memory does not fail
	}
	_ = s.FRU().Write(ctx, 0, inventory())
	return s
}

// record is a full sensor record of IPMI 2.0 (43.1): a threshold sensor whose reading is multiplied by m.
func record(number byte, name string, kind, unit, m byte) []byte {
	body := []byte{
		0x20, 0x00, number, 0x07, 0x01, 0x7f, 0x68, kind, 0x01, 0x80, 0x0a, 0x80, 0x0a, 0x3f, 0x3f, 0x00, unit, 0x00,
		0x00, m, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x32, 0x55, 0x00, 0xff, 0x00, 0x60, 0x50, 0x45, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0xc0 | byte(len(name)),
	}
	body = append(body, name...)
	return append([]byte{number, 0x00, 0x51, 0x01, byte(len(body))}, body...)
}

// inventory is a FRU image: the common header and a product area, each with its checksum.
func inventory() []byte {
	area := []byte{0x01, 0x00, 0x19} // version, length, English
	for _, field := range []string{Manufacturer, Product, "620", "1.0", Serial, AssetTag, ""} {
		area = append(append(area, 0xc0|byte(len(field))), field...)
	}
	area = append(area, 0xc1)
	for len(area)%8 != 7 {
		area = append(area, 0x00)
	}
	area[1] = byte((len(area) + 1) / 8)
	header := []byte{0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00}
	return append(checked(header), checked(area)...)
}

// checked is b with the byte that makes its sum zero.
func checked(b []byte) []byte {
	var sum byte
	for _, one := range b {
		sum += one
	}
	return append(b, -sum)
}

// commands are those of go-ipmi's server, and the reading of sensors, which it lacks.
func (c *Controller) commands() *handlers.Registry {
	r := handlers.NewRegistry()
	handlers.RegisterAllHandlers(r)
	r.RegisterFunc(types.CommandGetSensorReading, readSensor)
	return r
}

func readSensor(_ context.Context, _ *handlers.HandlerContext, request []byte) ([]byte, types.CompletionCode, error) {
	if len(request) < 1 {
		return nil, types.CodeRequestDataTruncated, nil
	}
	raw, ok := readings[request[0]]
	if !ok {
		return nil, types.CodeRequestedDataNotPresent, nil
	}
	return []byte{raw, 0xc0, 0xc0}, types.CodeOK, nil
}
