package sdk

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

func decodeSettings(s Settings, v any) error {
	if len(bytes.TrimSpace(s)) == 0 {
		s = Settings("{}")
	}
	d := json.NewDecoder(bytes.NewReader(s))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		return nil
	}
	return &Error{Code: Invalid, Text: "settings", Fields: []FieldError{fieldError(err)}}
}

// fieldError keeps the name and the wanted type of a JSON complaint, and drops the value, which may be a secret.
func fieldError(err error) FieldError {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return FieldError{Field: t.Field, Text: "must be a " + jsonType(t.Type.Kind().String()) + ", not a " + strings.Fields(t.Value)[0]}
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return FieldError{Field: strings.Trim(name, `"`), Text: "is not a setting of this type; remove it"}
	}
	return FieldError{Field: "settings", Text: "must be a JSON object"}
}

func jsonType(goKind string) string {
	switch goKind {
	case "bool":
		return "boolean"
	case "string":
		return "string"
	case "struct", "map":
		return "object"
	case "slice", "array":
		return "list"
	default:
		return "number"
	}
}
