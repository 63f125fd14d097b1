package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
)

// registration is a device as it is sent to the server.
type registration struct {
	// known are the settings that its type has; nil if the server did not tell.
	known  remote.DeviceSettings
	values map[string]any
}

// settingForm is NAME=TEXT, NAME:=JSON or NAME@FILE.
var settingForm = regexp.MustCompile(`(?s)^([A-Za-z_][A-Za-z0-9_.-]*)(:=|=|@)(.*)$`)

// isSetting reports whether an argument names the setting that it is.
func isSetting(arg string) bool { return settingForm.MatchString(arg) }

// set adds a setting. A TEXT is a number or a truth value where the type wants one.
func (r registration) set(setting string) error {
	parts := settingForm.FindStringSubmatch(setting)
	if parts == nil {
		// It is not repeated: it may be a password.
		return errors.New("a setting is written NAME=TEXT, NAME:=JSON or NAME@FILE")
	}
	name, sign, value := parts[1], parts[2], parts[3]
	switch {
	case sign == "@":
		return r.setFromFile(name, value)
	case sign == ":=" && value == "null":
		r.values[name] = nil
	case r.isSecret(name):
		return fmt.Errorf("setting %s: a secret among the arguments can be read by everybody on this machine; %s", name, elsewhere(name))
	case sign == ":=" && !json.Valid([]byte(value)):
		return fmt.Errorf("setting %s: what follows := is not JSON; write %s=TEXT for text", name, name)
	case sign == ":=" || r.isPlain(name, value):
		r.values[name] = json.RawMessage(value)
	default:
		r.values[name] = value
	}
	return nil
}

func (r registration) setFromFile(name, path string) error {
	secret, err := secretFile(path)
	if err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	r.values[name] = secret
	return nil
}

func (r registration) isSecret(name string) bool {
	if setting, known := r.known[name]; known {
		return setting.Secret
	}
	return strings.Contains(name, "password")
}

// elsewhere is where a secret belongs.
func elsewhere(name string) string {
	if name == "password" {
		return "use --password-file or --password-stdin, or type it when asked"
	}
	return "write it into a file and give " + name + "@FILE"
}

// isPlain reports whether a text is the number or the truth value that a setting wants.
func (r registration) isPlain(name, value string) bool {
	wanted := []string{"integer", "number", "boolean"}
	return slices.Contains(wanted, r.known[name].Type) && json.Valid([]byte(value))
}
