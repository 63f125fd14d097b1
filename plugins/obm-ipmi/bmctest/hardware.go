package bmctest

import (
	"context"
	"sync"

	"github.com/bougou/go-ipmi/pkg/hal"
	"github.com/bougou/go-ipmi/pkg/types"
)

// hardware is what the controller sees of its machine.
type hardware struct{ c *Controller }

var _ hal.HAL = hardware{}

func (h hardware) Chassis() hal.ChassisHAL { return h.c.chassis }
func (h hardware) Console() hal.ConsoleHAL { return h.c.serial }
func (h hardware) Storage() hal.StorageHAL { return &h.c.stored.Storage }
func (h hardware) Sensors() hal.SensorHAL  { return nil }
func (h hardware) Network() hal.NetworkHAL { return nil }
func (h hardware) GPIO() hal.GPIOHAL       { return nil }
func (h hardware) I2C() hal.I2CHAL         { return nil }
func (h hardware) Close() error            { return nil }

// Chassis is what became of a machine so far.
type Chassis struct {
	On bool
	// Boots counts how often the power went on, Cycles and Resets the commands.
	Boots, Cycles, Resets int
	// Lamp is for how many seconds the identification lamp was lit last.
	Lamp uint8
	// Boot are the boot flags as they were set last, not valid any more if a Booter has used them up.
	Boot types.BootOptionParam_BootFlags
}

// chassis obeys power commands as a real one does: one that is off can be neither cycled nor reset.
type chassis struct {
	machine Machine

	mu    sync.Mutex
	state Chassis // guarded by mu
}

var _ hal.ChassisHAL = (*chassis)(nil)

// Chassis is the state of the machine.
func (c *Controller) Chassis() Chassis {
	c.chassis.mu.Lock()
	defer c.chassis.mu.Unlock()
	c.chassis.look()
	return c.chassis.state
}

// look finds out whether the machine has gone off by itself. It is called with the lock held.
func (c *chassis) look() {
	if m, ok := c.machine.(SelfPowered); ok {
		c.state.On = m.On()
	}
}

// PowerState reports whether the machine is on.
func (c *chassis) PowerState(context.Context) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.look()
	return c.state.On, nil
}

// SetPower turns the machine on or off.
func (c *chassis) SetPower(_ context.Context, on bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.turn(on)
}

// turn is called with the lock held.
func (c *chassis) turn(on bool) error {
	c.look()
	if c.state.On == on {
		return nil
	}
	if on {
		c.chooseBoot()
	}
	if err := c.machine.Power(on); err != nil {
		return err
	}
	c.state.On = on
	if on {
		c.state.Boots++
	}
	return nil
}

// chooseBoot tells the machine from what it starts. It is called with the lock held.
func (c *chassis) chooseBoot() {
	m, ok := c.machine.(Booter)
	if !ok {
		return
	}
	device := types.BootDeviceSelectorNoOverride
	if c.state.Boot.BootFlagsValid {
		device = c.state.Boot.BootDeviceSelector
	}
	m.SetBoot(device)
	c.state.Boot.BootFlagsValid = c.state.Boot.BootFlagsValid && c.state.Boot.Persist
}

// PowerCycle cuts the power and restores it.
func (c *chassis) PowerCycle(context.Context) error { return c.restart(&c.state.Cycles) }

// ColdReset resets the processor.
func (c *chassis) ColdReset(context.Context) error { return c.restart(&c.state.Resets) }

func (c *chassis) restart(count *int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.look()
	if !c.state.On {
		return types.CodeNotSupported
	}
	*count++
	if err := c.turn(false); err != nil {
		return err
	}
	return c.turn(true)
}

// WarmReset asks the operating system to shut down, which it does.
func (c *chassis) WarmReset(ctx context.Context) error { return c.SetPower(ctx, false) }

// Identify lights the lamp.
func (c *chassis) Identify(_ context.Context, seconds uint8) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Lamp = seconds
	return nil
}

// IntrusionState is not known.
func (c *chassis) IntrusionState(context.Context) (bool, error) { return false, hal.ErrNotSupported }

// SetBootFlags keeps the flags.
func (c *chassis) SetBootFlags(_ context.Context, flags *types.BootOptionParam_BootFlags) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Boot = *flags
	return nil
}

// GetBootFlags gives the flags back.
func (c *chassis) GetBootFlags(context.Context) (*types.BootOptionParam_BootFlags, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	flags := c.state.Boot
	return &flags, nil
}

// SetBootInfoAcknowledge is obeyed by doing nothing.
func (c *chassis) SetBootInfoAcknowledge(context.Context, *types.BootOptionParam_BootInfoAcknowledge) error {
	return nil
}

// GetBootInfoAcknowledge is not known.
func (c *chassis) GetBootInfoAcknowledge(context.Context) (*types.BootOptionParam_BootInfoAcknowledge, error) {
	return nil, hal.ErrNotSupported
}
