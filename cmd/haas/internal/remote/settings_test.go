package remote_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/core/config"
)

func TestFind(t *testing.T) {
	t.Parallel()
	const file = "[client]\nendpoint = http://file:1\n"
	for name, c := range map[string]struct {
		flag, haas, hil string
		env             map[string]string
		want            remote.Settings
	}{
		"the default":              {want: remote.Settings{Endpoint: remote.DefaultEndpoint}},
		"hil.cfg":                  {hil: file, want: remote.Settings{Endpoint: "http://file:1"}},
		"haas.cfg before hil.cfg":  {haas: file, hil: "[client]\nendpoint = http://other\n", want: remote.Settings{Endpoint: "http://file:1"}},
		"a file without endpoint":  {haas: "[auth]\n", want: remote.Settings{Endpoint: remote.DefaultEndpoint}},
		"HIL_ENDPOINT before file": {haas: file, env: map[string]string{"HIL_ENDPOINT": "http://hil"}, want: remote.Settings{Endpoint: "http://hil"}},
		"HAAS_ENDPOINT before HIL_ENDPOINT": {env: map[string]string{"HIL_ENDPOINT": "http://hil", "HAAS_ENDPOINT": "http://haas"},
			want: remote.Settings{Endpoint: "http://haas"}},
		"the flag before all": {flag: "http://flag", env: map[string]string{"HAAS_ENDPOINT": "http://haas"}, want: remote.Settings{Endpoint: "http://flag"}},
		"user and password": {env: map[string]string{"HAAS_USERNAME": "u", "HAAS_PASSWORD": "p"},
			want: remote.Settings{Endpoint: remote.DefaultEndpoint, Username: "u", Password: "p"}},
		"HIL's user and password": {env: map[string]string{"HAAS_USERNAME": "u", "HIL_USERNAME": "v", "HIL_PASSWORD": "q"},
			want: remote.Settings{Endpoint: remote.DefaultEndpoint, Username: "v", Password: "q"}},
		"a user alone is nobody": {env: map[string]string{"HAAS_USERNAME": "u"}, want: remote.Settings{Endpoint: remote.DefaultEndpoint}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{"haas.cfg": c.haas, "hil.cfg": c.hil} {
				if text != "" {
					write(t, filepath.Join(dir, file), text)
				}
			}
			got, err := remote.Find(c.flag, dir, func(key string) string { return c.env[key] })
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

func TestFindReadsTheNamedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "haas.cfg"), "[client]\nendpoint = http://here\n")
	named := filepath.Join(dir, "other.cfg")
	find := func() (remote.Settings, error) {
		return remote.Find("", dir, func(key string) string { return map[string]string{"HAAS_CONFIG": named}[key] })
	}
	if _, err := find(); err == nil || !strings.Contains(err.Error(), "HAAS_ENDPOINT") {
		t.Errorf("without the file: %v", err)
	}
	write(t, named, "[client]\nendpoint = http://named\n")
	if got, err := find(); err != nil || got.Endpoint != "http://named" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEndpointIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                         "",
		"endpoint = x\n":                           "",
		"[server]\nendpoint = x\n":                 "",
		"[client]\nendpoint = http://a # here\n":   "http://a",
		"[client]\r\nendpoint: http://a\r\n":       "http://a",
		"[client]\nendpoint =\n    http://a\n":     "http://a",
		"[client]\n# endpoint = x\nendpoints = x":  "",
		"[a]\nb = c\n  [client]\n  endpoint = x\n": "",
		"[client]\nendpoint = a\nendpoint = b\n":   "b",
		"[client]\nendpoint = http://a#b\n":        "http://a#b",
	} {
		if got := remote.EndpointIn(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

// FuzzEndpointIn wants what the server reads, of every file that the server takes.
func FuzzEndpointIn(f *testing.F) {
	for _, text := range []string{
		"", "[client]\nendpoint = http://a\n", "[client]\nendpoint: http://a # why\n", "[client]\nendpoint = a\n  b\n",
		"\ufeff[client]\r\nendpoint=http://a\r\n[general]\nlog_level = INFO\n", "[server]\nlisten = :1\n[client]\nendpoint =\n  http://b",
		"[client]\nendpoint = a\nendpoint = b\n", "[client]\nendpoint = http://a#b ;c\n", "[ client ]\n endpoint = x\n", "[client\nendpoint = x",
		"; [client]\nendpoint = x", "[client]\nendpoint = x\n[auth]\nrequire_authentication = no\n[client]\nendpoint = y",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := remote.EndpointIn(text)
		if c, err := config.Parse("haas.cfg", []byte(text)); err == nil && got != c.Client.Endpoint {
			t.Errorf("got %q, the server reads %q", got, c.Client.Endpoint)
		}
	})
}
