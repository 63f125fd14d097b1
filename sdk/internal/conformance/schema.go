package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/CCI-MOC/haas/sdk"
)

// schema is what the kits look at in a settings schema.
type schema struct {
	Type       any                 `json:"type"`
	Required   []string            `json:"required"`
	Properties map[string]property `json:"properties"`
}

type property struct {
	Type      any  `json:"type"`
	WriteOnly bool `json:"writeOnly"`
}

// parseSchema reads the parts of raw the kits look at; the whole was checked by compile.
func parseSchema(raw json.RawMessage) (schema, error) {
	var s schema
	err := json.Unmarshal(raw, &s)
	return s, err
}

// names are the properties, sorted, so that failures come in the same order each time.
func (s schema) names() []string { return slices.Sorted(maps.Keys(s.Properties)) }

// compile fails if raw is no JSON Schema.
func compile(raw json.RawMessage) (*jsonschema.Schema, error) {
	const url = "settings.json"
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(url, doc); err != nil {
		return nil, err
	}
	return c.Compile(url)
}

// soundsSecret reports whether a setting's name promises a secret.
func soundsSecret(name string) bool {
	for _, word := range []string{"password", "passwd", "passphrase", "secret", "token", "community", "private"} {
		if strings.Contains(strings.ToLower(name), word) {
			return true
		}
	}
	return false
}

// with is s with one member replaced, or removed if value is nil.
func with(s sdk.Settings, name string, value any) (sdk.Settings, error) {
	members := map[string]any{}
	if len(s) > 0 {
		if err := json.Unmarshal(s, &members); err != nil {
			return nil, fmt.Errorf("the kit's target has settings that are no JSON object")
		}
	}
	if members[name] = value; value == nil {
		delete(members, name)
	}
	b, err := json.Marshal(members)
	return b, err
}

// secretsOf are the values of the write-only members of settings.
func secretsOf(s schema, settings sdk.Settings) []string {
	members := map[string]any{}
	if err := json.Unmarshal(settings, &members); err != nil {
		return nil
	}
	var secrets []string
	for name, p := range s.Properties {
		if text, ok := members[name].(string); ok && p.WriteOnly {
			secrets = append(secrets, text)
		}
	}
	return secrets
}
