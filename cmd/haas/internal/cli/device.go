package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

const jsonType = "application/json"

// jsonBody is a value as a request's body. Only what a command put together from texts and JSON gets here.
func jsonBody(value any) io.Reader {
	body, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("cannot write a request: %v", err))
	}
	return bytes.NewReader(body)
}

// kind is a kind of device, and what its drivers call the settings that have a flag of their own.
type kind struct {
	remote.Kind
	host, user string
}

func kindOBM() kind    { return kind{remote.OBM, "host", "user"} }
func kindSwitch() kind { return kind{remote.Switch, "hostname", "username"} }

func deviceFlags(f *pflag.FlagSet) {
	f.StringArray("set", nil, "another setting of the driver: NAME=TEXT, NAME:=JSON, or NAME@FILE for the first line of a file; may be repeated")
	f.Bool("no-password", false, "the device has no password")
	SecretFlags(f)
}

// device is the registration that the arguments and the flags describe.
func (c *call) device(ctx context.Context, k kind) (map[string]any, error) {
	name, err := c.typeName()
	if err != nil {
		return nil, err
	}
	types, err := c.Catalogue(ctx, k.Kind)
	if err != nil {
		return nil, err
	}
	url, err := types.URL(k.Kind, name)
	if err != nil {
		return nil, err
	}
	r := registration{known: types[url], values: map[string]any{"type": url}}
	for flag, setting := range map[string]string{"host": k.host, "user": k.user} {
		if value := c.text(flag); value != "" {
			r.values[setting] = value
		}
	}
	if err := c.settings(r); err != nil {
		return nil, err
	}
	if !c.needsPassword(r) {
		return r.values, nil
	}
	r.values["password"], err = Secret(c.env, c.flags, "Password of the device")
	return r.values, err
}

// changes are the settings of a registered switch that the arguments and the flags change.
func (c *call) changes(ctx context.Context) (map[string]any, error) {
	known, err := c.registered(ctx)
	if err != nil {
		return nil, err
	}
	r := registration{known: known, values: map[string]any{}}
	settings := c.rest("SETTING")
	for _, setting := range settings {
		if err := r.set(setting); err != nil {
			return nil, err
		}
	}
	switch _, wanted := known["password"]; {
	case len(settings) > 0 && !c.secretGiven():
		return r.values, nil
	case known != nil && !wanted:
		return nil, errors.New("the switch has no password; say which SETTING to change")
	}
	if _, twice := r.values["password"]; twice {
		return nil, errors.New("the password is given twice")
	}
	r.values["password"], err = Secret(c.env, c.flags, "New password of the device")
	return r.values, err
}

// registered are the settings that the type of a registered switch has; nil if the server does not tell.
func (c *call) registered(ctx context.Context) (remote.DeviceSettings, error) {
	s, err := remote.Read[client.Switch](c.SwitchShow(ctx, c.arg("SWITCH")))
	if err != nil {
		return nil, err
	}
	types, err := c.Catalogue(ctx, remote.Switch)
	return types[s.Type], err
}

func (c *call) typeName() (string, error) {
	argument, flag, missing := c.arg("TYPE"), c.text("type"), "TYPE"
	if c.use.index("TYPE") < 0 {
		missing = "--type"
	}
	switch {
	case argument != "" && flag != "":
		return "", fmt.Errorf("%q and --type %s contradict each other; give one of them", argument, flag)
	case argument == "" && flag == "":
		return "", fmt.Errorf("%s is missing; \"haas driver list\" shows what there is", missing)
	}
	return argument + flag, nil
}

// settings adds those that stand among the arguments, and those of --set.
func (c *call) settings(r registration) error {
	flags, err := c.flags.GetStringArray("set")
	if err != nil {
		return err
	}
	for _, setting := range append(c.rest("SETTING"), flags...) {
		if err := r.set(setting); err != nil {
			return err
		}
	}
	return nil
}

// needsPassword reports whether one is to be asked for: not if it is there already, and not for a type that has none.
func (c *call) needsPassword(r registration) bool {
	_, given := r.values["password"]
	_, wanted := r.known["password"]
	return !given && !c.is("no-password") && (wanted || c.secretGiven() || r.known == nil)
}

// secretGiven reports whether the flags say where the password is.
func (c *call) secretGiven() bool { return c.is("password-stdin") || c.text("password-file") != "" }
