package drivers

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
)

// shortestSecret is the length below which a secret is not looked for in texts: one that short is in every sentence.
const shortestSecret = 3

// censor takes the target's secrets out of a driver's error. A driver must not put any in; this is for one that does,
// perhaps because the device repeats what it is sent.
func censor(types []sdk.Type, target sdk.Target, err error) error {
	e, ok := errors.AsType[*sdk.Error](err)
	if !ok {
		return err
	}
	secrets := secretsOf(types, target)
	if len(secrets) == 0 {
		return err
	}
	hide := strings.NewReplacer(secrets...)
	clean := *e
	clean.Text = hide.Replace(e.Text)
	clean.Fields = slices.Clone(e.Fields)
	for i := range clean.Fields {
		clean.Fields[i].Text = hide.Replace(clean.Fields[i].Text)
	}
	return &clean
}

// secretsOf are the target's secrets, each followed by what to write instead. What a secret is, the schema of the
// target's type says.
func secretsOf(types []sdk.Type, target sdk.Target) []string {
	at := slices.IndexFunc(types, func(t sdk.Type) bool { return t.URL == target.Type })
	var settings map[string]any
	if at < 0 || json.Unmarshal(target.Settings, &settings) != nil {
		return nil
	}
	var schema struct {
		Properties map[string]struct {
			WriteOnly bool `json:"writeOnly"`
		}
	}
	if json.Unmarshal(types[at].Settings, &schema) != nil {
		return nil
	}
	var found []string
	for name, p := range schema.Properties {
		if s, ok := settings[name].(string); ok && p.WriteOnly && len(s) >= shortestSecret {
			found = append(found, s, sdk.Secret(s).String())
		}
	}
	return found
}
