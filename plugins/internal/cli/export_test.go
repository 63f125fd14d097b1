package cli

import (
	"context"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk/console"
)

// NewWith is New with another way to reach devices.
func NewWith(f Family, dial func(context.Context, console.Config) (Terminal, error)) *Driver {
	d := New(f, hclog.NewNullLogger())
	d.dial = dial
	return d
}

// Sessions is how many sessions the driver counts with all devices.
func (d *Driver) Sessions() int {
	d.slots.mu.Lock()
	defer d.slots.mu.Unlock()
	n := 0
	for _, dev := range d.slots.devices {
		n += dev.sessions
	}
	return n
}

// Waiting is how many wait for a session.
func (d *Driver) Waiting() int {
	d.slots.mu.Lock()
	defer d.slots.mu.Unlock()
	n := 0
	for _, dev := range d.slots.devices {
		n += dev.waiting
	}
	return n
}
