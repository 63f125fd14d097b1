package mock

import (
	"encoding/json"
	"maps"
)

// Property is one member of a settings schema.
type Property map[string]any

// Text is a string setting.
func Text(title string) Property {
	return Property{"type": "string", "title": title, "minLength": 1}
}

// Password is a string setting that the server never gives out.
func Password(title string) Property {
	return Property{"type": "string", "title": title, "minLength": 1, "writeOnly": true}
}

// Probability is a setting from 0 to 1.
func Probability(title string) Property {
	return Property{"type": "number", "title": title, "minimum": 0, "maximum": 1}
}

// FaultProperties are the settings of Overrides.
func FaultProperties() map[string]Property {
	return map[string]Property{
		"delay": {"type": "string", "title": "How long each visit takes", "examples": []string{"300ms"}},
		"fail":  Probability("How often a change is refused"),
		"hang":  Probability("How often a visit is never answered"),
		"seed":  {"type": "integer", "title": "Makes two runs misbehave alike", "minimum": 0},
	}
}

// Schema is the JSON Schema of an object with the given members; others are not allowed.
func Schema(required []string, properties ...map[string]Property) (json.RawMessage, error) {
	all := map[string]Property{}
	for _, p := range properties {
		maps.Copy(all, p)
	}
	return json.Marshal(map[string]any{
		"type": "object", "required": append([]string{}, required...), "properties": all, "additionalProperties": false,
	})
}
