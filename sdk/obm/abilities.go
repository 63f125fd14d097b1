package obm

import (
	"context"
	"io"
	"time"
)

// The optional abilities of a Session are found by type assertion. A session in another process has the methods of all
// of them, consoles excepted, and answers Unsupported where the driver's own session has not; so does a driver whose
// controllers differ.

// NextBooter is a Session that can choose a boot device for a single start.
type NextBooter interface {
	// SetNextBootDevice chooses what the node boots from the next time, and only then. BootNone clears the choice. A
	// controller with one place for choices forgets a lasting one.
	SetNextBootDevice(ctx context.Context, dev BootDevice) error
}

// SensorReader is a Session that can read the node's sensors.
type SensorReader interface {
	// Sensors reads every sensor, in the controller's order. It changes nothing.
	Sensors(ctx context.Context) ([]Sensor, error)
}

// Inventorier is a Session that knows what the node is made of.
type Inventorier interface {
	// Inventory is the node's parts, the node as a whole first. It changes nothing.
	Inventory(ctx context.Context) ([]Part, error)
}

// Identifier is a Session that can light the lamp which tells a node from its neighbours.
type Identifier interface {
	// Identify lights the lamp for d, rounded up to what the controller can count, and 0 puts it out. A d that is
	// negative, or longer than the controller can count, is Invalid.
	Identify(ctx context.Context, d time.Duration) error
}

// ConsoleTaker is a Consoler that can take the console from its holder.
type ConsoleTaker interface {
	// TakeConsole is Console, but whoever holds the line loses it: it is for those who were told that the line is busy,
	// and want it nevertheless.
	TakeConsole(ctx context.Context) (io.ReadWriteCloser, error)
}

// Sensor is one sensor and what it reads.
type Sensor struct {
	// Name is the controller's name of it: "CPU1 Temp".
	Name string
	// Value is what it measures; nil if it measures nothing, or nothing now.
	Value *float64
	// Unit is the unit of Value: "degrees C", "RPM"; empty if it has none.
	Unit string
	// State is what the controller thinks of it, in its own words: "ok", "critical", "presence detected".
	State string
}

// Part is one part of a node. What the controller does not know is empty.
type Part struct {
	// Name is the controller's name of it.
	Name string
	// Manufacturer is who made it, Product what its maker calls it, and PartNumber the maker's number for the model.
	Manufacturer, Product, PartNumber string
	// Serial is its own number, Version its revision.
	Serial, Version string
	// AssetTag is the number its owner gave it.
	AssetTag string
}
