package sdk

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Settings is a JSON object that may contain secrets: it prints as "[settings]" and is read with Decode.
type Settings []byte

const hiddenSettings = "[settings]"

var _ fmt.Formatter = Settings(nil)

// Format hides the settings from every verb of fmt.
func (Settings) Format(s fmt.State, _ rune) { hide(s, hiddenSettings) }

// String hides the settings from logs and error texts.
func (Settings) String() string { return hiddenSettings }

// MarshalText hides the settings from JSON and from structured logs.
func (Settings) MarshalText() ([]byte, error) { return []byte(hiddenSettings), nil }

// Decode reads the settings into v, a pointer to a struct with JSON tags. A member that v does not know, one of the
// wrong type, and one that is absent or empty although its field has the tag `required:"true"`, are Invalid errors that
// name the member and never its value. Absent settings are "{}".
func (s Settings) Decode(v any) error {
	if len(bytes.TrimSpace(s)) == 0 {
		s = Settings("{}")
	}
	if !isOneObject(s) {
		return InvalidSetting("settings", "must be a JSON object")
	}
	d := json.NewDecoder(bytes.NewReader(s))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		f := fieldError(err)
		return InvalidSetting(f.Field, f.Text)
	}
	if missing := missingFields(reflect.ValueOf(v).Elem()); len(missing) > 0 {
		return &Error{Code: Invalid, Text: "settings", Fields: missing}
	}
	return nil
}

// missingFields are the complaints about required fields of the struct v that are empty.
func missingFields(v reflect.Value) (missing []FieldError) {
	if v.Kind() != reflect.Struct {
		return nil
	}
	for field, value := range v.Fields() {
		if field.Tag.Get("required") == "true" && value.IsZero() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			missing = append(missing, FieldError{Field: cmp.Or(name, field.Name), Text: "must be given"})
		}
	}
	return missing
}

// InvalidSetting is the error for one wrong member of the settings. The text says what would be right, without the
// value: "must be a VLAN id from 1 to 4094".
func InvalidSetting(field, text string) *Error {
	return &Error{Code: Invalid, Text: "settings", Fields: []FieldError{{Field: field, Text: text}}}
}

// isOneObject refuses null, lists and what follows an object, all of which a decoder would take.
func isOneObject(s Settings) bool {
	return json.Valid(s) && bytes.HasPrefix(bytes.TrimLeft(s, " \t\r\n"), []byte("{"))
}

// fieldError keeps the name and the wanted type of a JSON complaint, and drops the value, which may be a secret.
func fieldError(err error) FieldError {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return FieldError{Field: t.Field, Text: "must be " + wanted(t.Type) + ", not " + found(t.Value)}
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return FieldError{Field: strings.Trim(name, `"`), Text: "is not a setting of this type; remove it"}
	}
	return FieldError{Field: "settings", Text: "must be a JSON object"}
}

// wanted is a Go type in the words of JSON.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return "a whole number that fits"
	}
}

// found is the first word of the decoder's description; the rest may be the value.
func found(value string) string {
	word, _, _ := strings.Cut(value, " ")
	switch word {
	case "bool":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	default:
		return "a " + word
	}
}
