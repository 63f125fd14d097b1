package sdk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
)

const sesame = "open-sesame"

// TestNothingShowsASecret tries every way by which values get into logs, errors and answers.
func TestNothingShowsASecret(t *testing.T) {
	t.Parallel()
	secret := sdk.Secret(sesame)
	target := sdk.Target{Name: "sw", Settings: sdk.Settings(`{"password":"` + sesame + `"}`)}
	values := map[string]any{
		"secret":             secret,
		"pointer to secret":  &secret,
		"settings":           target.Settings,
		"target":             target,
		"pointer to target":  &target,
		"list of secrets":    []sdk.Secret{secret},
		"map of secrets":     map[string]sdk.Secret{"password": secret},
		"map with secret":    map[string]any{"password": secret, "settings": target.Settings},
		"struct with secret": struct{ Password sdk.Secret }{secret},
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10.3s", "% x"} {
				conceals(t, verb, fmt.Sprintf(verb, v))
			}
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			conceals(t, "json", string(b))
			for _, asJSON := range []bool{false, true} {
				if name == "list of secrets" && !asJSON {
					continue // the exception in Secret's comment
				}
				var log bytes.Buffer
				hclog.New(&hclog.LoggerOptions{Output: &log, JSONFormat: asJSON}).Error("failed", "value", v, "err", fmt.Errorf("with %v", v))
				conceals(t, "hclog", log.String())
			}
		})
	}
}

func conceals(t *testing.T, way, text string) {
	t.Helper()
	hex := fmt.Sprintf("%x", sesame)
	for _, trace := range []string{sesame, hex, strings.ToUpper(hex), "111 112 101 110", "b3Blbi1zZXNhbWU", "ope"} {
		if strings.Contains(text, trace) {
			t.Errorf("%s shows %q", way, text)
		}
	}
}

func TestASecretIsReadAndRevealed(t *testing.T) {
	t.Parallel()
	var v struct{ Password sdk.Secret }
	if err := json.Unmarshal([]byte(`{"password":"open-sesame"}`), &v); err != nil || v.Password.Reveal() != sesame {
		t.Errorf("%q, %v", v.Password.Reveal(), err)
	}
}

type settings struct {
	Host     string            `json:"host"`
	Password sdk.Secret        `json:"password"`
	Port     int               `json:"port"`
	Rate     float64           `json:"rate"`
	Secure   bool              `json:"secure"`
	Ports    []string          `json:"ports"`
	Extra    map[string]string `json:"extra"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	var v settings
	err := sdk.Settings(`{"host":"h","password":"open-sesame","port":23,"rate":0.5,"secure":true,"ports":["a"],"extra":{"k":"v"}}`).Decode(&v)
	if err != nil || v.Host != "h" || v.Password.Reveal() != sesame || v.Port != 23 || !v.Secure || len(v.Ports) != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	for _, absent := range []sdk.Settings{nil, {}, sdk.Settings(" \n"), sdk.Settings("{}")} {
		if err := absent.Decode(&v); err != nil {
			t.Errorf("absent settings: %v", err)
		}
	}
}

func TestDecodeComplains(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ settings, want string }{
		"unknown member":         {`{"pasword":"open-sesame"}`, "pasword: is not a setting of this type; remove it"},
		"string for number":      {`{"port":"open-sesame"}`, "port: must be a whole number that fits, not a string"},
		"number for secret":      {`{"password":123456}`, "password: must be a string, not a number"},
		"list for secret":        {`{"password":["open-sesame"]}`, "password: must be a string, not a list"},
		"object for string":      {`{"host":{"a":"open-sesame"}}`, "host: must be a string, not an object"},
		"bool for string":        {`{"host":true}`, "host: must be a string, not true or false"},
		"fraction for whole":     {`{"port":23.5}`, "port: must be a whole number that fits, not a number"},
		"string for fraction":    {`{"rate":"open-sesame"}`, "rate: must be a number, not a string"},
		"string for truth":       {`{"secure":"open-sesame"}`, "secure: must be true or false, not a string"},
		"string for list":        {`{"ports":"open-sesame"}`, "ports: must be a list, not a string"},
		"string for object":      {`{"extra":"open-sesame"}`, "extra: must be an object, not a string"},
		"null":                   {`null`, "settings: must be a JSON object"},
		"list":                   {`["open-sesame"]`, "settings: must be a JSON object"},
		"no JSON":                {`open-sesame`, "settings: must be a JSON object"},
		"half an object":         {`{"password":"open-sesame"`, "settings: must be a JSON object"},
		"something after object": {`{} "open-sesame"`, "settings: must be a JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var v settings
			err := sdk.Settings(c.settings).Decode(&v)
			if !errors.Is(err, &sdk.Error{Code: sdk.Invalid}) || err.Error() != "settings: "+c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestDecodeNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	type login struct {
		Host     string     `json:"host,omitempty" required:"true"`
		Port     int        `json:"port"`
		Password sdk.Secret `json:"password" required:"true"`
		Realm    string     `required:"true"`
	}
	for settings, want := range map[string]string{
		`{"host":"h","password":"p","Realm":"r"}`: "",
		`{"host":"h","password":"","Realm":"r"}`:  "settings: password: must be given",
		`{"host":"h","password":"p"}`:             "settings: Realm: must be given",
		`{"Realm":"r"}`:                           "settings: host: must be given; password: must be given",
	} {
		err := sdk.Settings(settings).Decode(&login{})
		if got := fmt.Sprint(err); (want != "" || err != nil) && got != want {
			t.Errorf("%s: %v, want %s", settings, err, want)
		}
	}
	if err := sdk.Settings(`{"a":1}`).Decode(&map[string]any{}); err != nil {
		t.Errorf("a map has no required fields: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"host":"h","port":1}`))
	f.Add([]byte(`{"port":1e999}`))
	f.Add([]byte(`{"ports":[1,{"a":null}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v settings
		err := sdk.Settings(b).Decode(&v)
		if err != nil && !errors.Is(err, &sdk.Error{Code: sdk.Invalid}) {
			t.Errorf("%v is not Invalid", err)
		}
	})
}
