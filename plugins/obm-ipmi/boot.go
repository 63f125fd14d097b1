package main

import (
	"context"

	"github.com/bougou/go-ipmi/pkg/client"
	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

var selectors = map[obm.BootDevice]types.BootDeviceSelector{
	obm.BootNone: types.BootDeviceSelectorNoOverride,
	obm.BootDisk: types.BootDeviceSelectorForceHardDrive,
	obm.BootPXE:  types.BootDeviceSelectorForcePXE,
}

// SetBootDevice chooses for all starts to come.
func (s *session) SetBootDevice(ctx context.Context, dev obm.BootDevice) error {
	return s.boot(ctx, dev, true)
}

// SetNextBootDevice chooses for the next start. IPMI has one place for the choice, so a lasting one is forgotten.
func (s *session) SetNextBootDevice(ctx context.Context, dev obm.BootDevice) error {
	return s.boot(ctx, dev, false)
}

func (s *session) boot(ctx context.Context, dev obm.BootDevice, persist bool) error {
	selector, ok := selectors[dev]
	if !ok {
		return &sdk.Error{Code: sdk.Invalid, Text: "boot device: must be disk, pxe or none"}
	}
	return s.ask(ctx, "boot device", func(ctx context.Context, c *client.Client) error {
		if err := keepChoice(ctx, c); err != nil {
			return err
		}
		err := c.SetBootDevice(ctx, selector, types.BIOSBootTypeLegacy, persist)
		if hasCode(err, types.CodeParameterNotSupported) {
			return &sdk.Error{Code: sdk.Unsupported, Text: s.about("boot device") + ": " + err.Error()}
		}
		return err
	})
}

// keepChoice makes the controller remember the choice: the standard lets it forget one that no power command follows
// within a minute. Those that do not know the command never forget.
func keepChoice(ctx context.Context, c *client.Client) error {
	err := c.SetSystemBootOptionsParamFor(ctx, &types.BootOptionParam_BMCBootFlagValidBitClear{DontClearOnCommandReceivedTimeout: true})
	if _, refused := types.IsResponseError(err); refused {
		return nil
	}
	return err
}
