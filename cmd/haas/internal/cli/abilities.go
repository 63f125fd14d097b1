package cli

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

func setBootDevice(ctx context.Context, c *call) error {
	choice := client.BootDevice{Bootdev: c.arg("DEVICE")}
	if c.is("once") {
		choice.Once = new(true)
	}
	return c.done(c.NodeSetBootDevice(ctx, c.arg("NODE"), choice))
}

func identifyFlags(f *pflag.FlagSet) {
	f.Int64("seconds", 15, "for how long the lamp is lit")
	f.Bool("off", false, "put the lamp out")
}

func identify(ctx context.Context, c *call) error {
	seconds, err := c.flags.GetInt64("seconds")
	if err != nil {
		return err
	}
	if c.is("off") {
		if c.flags.Changed("seconds") {
			return errors.New("--seconds and --off contradict each other; give one of them")
		}
		seconds = 0
	}
	return c.done(c.NodeIdentify(ctx, c.arg("NODE"), client.Identification{Seconds: &seconds}))
}

func printSensors(t *table, sensors []client.Sensor) {
	t.row("SENSOR", "VALUE", "UNIT", "STATE")
	for _, s := range sensors {
		t.row(s.Name, measured(s.Value), or(&s.Unit), or(&s.State))
	}
}

// measured is a value with as many digits as people read.
func measured(value *float64) string {
	if value == nil {
		return "-"
	}
	return strconv.FormatFloat(*value, 'g', 6, 64)
}

func printParts(t *table, parts []client.Part) {
	t.row("PART", "MANUFACTURER", "PRODUCT", "PART NUMBER", "SERIAL", "VERSION", "ASSET TAG")
	for _, p := range parts {
		t.row(or(&p.Name), or(&p.Manufacturer), or(&p.Product), or(&p.PartNumber), or(&p.Serial), or(&p.Version), or(&p.AssetTag))
	}
}
