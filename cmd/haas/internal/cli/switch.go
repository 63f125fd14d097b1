package cli

import (
	"context"
	"time"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

func switchNoun() noun {
	return noun{
		name: "switch", short: "Switches that the server configures", group: groupSite,
		leaves: []leaf{
			{use: "list", short: "List all switches", run: func(ctx context.Context, c *call) error {
				return c.names(c.SwitchList(ctx))
			}},
			{use: "show SWITCH", short: "Show a switch and its ports", run: func(ctx context.Context, c *call) error {
				return show(c, printSwitch)(c.SwitchShow(ctx, c.arg("SWITCH")))
			}},
			{use: "register SWITCH [TYPE] SETTING...", short: "Register a switch", flags: switchFlags, old: "switch_register", run: registerSwitch,
				long: "Register a switch. TYPE is the last word of a type URL that \"haas driver list\" shows, or all of it. What settings\n" +
					"the type has, completion offers, and Swagger UI shows at /docs of the server. A SETTING is NAME=TEXT, NAME:=JSON,\n" +
					"or NAME@FILE for the first line of a file. The password is asked for, or read from --password-file or --password-stdin.\n\n" +
					"    haas switch register s1 nexus hostname=10.0.0.2 username=admin dummy_vlan=2222\n" +
					"    haas switch register s2 ovs ovs_bridge=br0"},
			{use: "update SWITCH SETTING...", short: "Change settings of a switch", flags: SecretFlags, run: updateSwitch,
				long: "Change settings of a switch; those that are not given stay. A SETTING is NAME=TEXT, NAME:=JSON, or NAME@FILE for the\n" +
					"first line of a file; NAME:=null removes one. Without any SETTING the password is asked for, or read from\n" +
					"--password-file or --password-stdin. What failed before is tried again at once; \"haas switch test\" says whether it works.\n\n" +
					"    haas switch update s1\n" +
					"    haas switch update s1 hostname=10.0.0.3 transport=ssh"},
			{use: "delete SWITCH", short: "Delete a switch without ports", run: func(ctx context.Context, c *call) error {
				return c.done(c.SwitchDelete(ctx, c.arg("SWITCH")))
			}},
			{use: "test SWITCH", short: "Reach a switch, log in and list its ports; changes nothing", run: testSwitch},
			{use: "check SWITCH", short: "Compare what a switch's ports should carry with what they carry", run: checkSwitch,
				long: "Compare what a switch's ports should carry with what its running configuration says. The exit status is 1 if\n" +
					"anything differs, so that scripts can ask."},
		},
	}
}

func switchFlags(f *pflag.FlagSet) {
	f.String("type", "", "the same as TYPE")
	f.String("host", "", "address of the switch")
	f.String("user", "", "user of the switch")
	deviceFlags(f)
}

func registerSwitch(ctx context.Context, c *call) error {
	device, err := c.device(ctx, kindSwitch())
	if err != nil {
		return err
	}
	return c.done(c.SwitchRegisterWithBody(ctx, c.arg("SWITCH"), jsonType, jsonBody(device)))
}

func updateSwitch(ctx context.Context, c *call) error {
	changes, err := c.changes(ctx)
	if err != nil {
		return err
	}
	return c.done(c.SwitchUpdateWithBody(ctx, c.arg("SWITCH"), jsonType, jsonBody(changes)))
}

func printSwitch(t *table, s client.Switch) {
	t.row("switch", s.Name)
	t.row("type", s.Type)
	t.row("capabilities", list(s.Capabilities))
	if s.UnsavedSince != nil {
		t.row("unsaved since", s.UnsavedSince.Local().Format(time.DateTime))
	}
	t.row("last error", or(s.LastError))
	t.row("ports", list(ports(s)))
}
