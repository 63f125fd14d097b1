package config_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/config"
)

func TestParseDatabaseURI(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"sqlite:///haas.db":                           "sqlite:///haas.db",
		"sqlite:////srv/haas.db":                      "sqlite:////srv/haas.db",
		"sqlite+pysqlite:///haas.db":                  "sqlite:///haas.db",
		"postgres://haas@db/haas":                     "postgresql://haas@db/haas",
		"postgresql://haas:p%40ss@db:5432/haas":       "postgresql://haas:p%40ss@db:5432/haas",
		"postgresql+psycopg2://haas@db/haas?x=y":      "postgresql://haas@db/haas?x=y",
		"postgresql:///haas?host=/var/run/postgresql": "postgresql:///haas?host=/var/run/postgresql",
	} {
		if got, err := config.ParseDatabaseURI(text); err != nil || got.Reveal() != want {
			t.Errorf("%s gives %s, %v, want %s", text, got.Reveal(), err, want)
		}
	}
}

func TestParseDatabaseURIRefusesWithoutRepeating(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "hush", "haas:hush@db", "mysql://haas:hush@db/haas", "sqlite:hush", "sqlite://", "sqlite:///", "sqlite://hush",
		"postgresql:hush", "postgresql://", "postgresql://haas:hu#sh@db/haas", "postgresql://haas:hush@db:x/haas",
		"postgresql://haas:hush%zz@db/haas",
	} {
		uri, err := config.ParseDatabaseURI(text)
		if err == nil {
			t.Errorf("%q gives %s", text, uri)
		} else if strings.Contains(err.Error(), "hu") {
			t.Errorf("%q is repeated in %v", text, err)
		}
	}
}

func TestConfigHidesSecrets(t *testing.T) {
	t.Parallel()
	c := mustParse(t, "[database]\nuri = postgresql://haas:hush@db/haas?password=hush\n[switch-nexus]\npassword = hush\n")
	encoded, err := json.Marshal(c.Database)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{c, c.Database, c.Drivers} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "hush") {
				t.Errorf("%s of %T is %s", verb, v, out)
			}
		}
	}
	if strings.Contains(string(encoded), "hush") {
		t.Errorf("JSON is %s", encoded)
	}
}
