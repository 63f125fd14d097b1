package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
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
	f.StringArray("set", nil, "another setting of the driver, as NAME=TEXT, or NAME:=JSON for numbers and the like; may be repeated")
	f.Bool("no-password", false, "the device has no password")
	SecretFlags(f)
}

// device is the registration that the flags describe.
func (c *call) device(k kind) (map[string]any, error) {
	if c.text("type") == "" {
		return nil, errors.New("--type is missing; \"haas driver list\" shows what there is")
	}
	d := map[string]any{"type": k.URL(c.text("type"))}
	for flag, setting := range map[string]string{"host": k.host, "user": k.user} {
		if value := c.text(flag); value != "" {
			d[setting] = value
		}
	}
	more, err := c.flags.GetStringArray("set")
	if err != nil {
		return nil, err
	}
	for _, s := range more {
		if err := set(d, s); err != nil {
			return nil, err
		}
	}
	if c.is("no-password") {
		return d, nil
	}
	d["password"], err = Secret(c.env, c.flags, "Password of the device")
	return d, err
}

// set adds one NAME=TEXT or NAME:=JSON.
func set(d map[string]any, setting string) error {
	name, value, found := strings.Cut(setting, "=")
	name, isJSON := strings.CutSuffix(name, ":")
	switch {
	case !found || name == "":
		return fmt.Errorf("--set %q: write NAME=TEXT or NAME:=JSON", name)
	case !isJSON:
		d[name] = value
		return nil
	case !json.Valid([]byte(value)):
		return fmt.Errorf("--set %s: what follows := is not JSON; write %s=TEXT for text", name, name)
	}
	d[name] = json.RawMessage(value)
	return nil
}
