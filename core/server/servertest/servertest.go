// Package servertest starts whole servers for tests: the real API, fabric and store, and the mock drivers as processes.
package servertest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/core/server"
)

// Type URLs of the mock drivers.
const (
	SwitchMock = "http://schema.massopencloud.org/haas/v0/switches/mock"
	OBMMock    = "http://schema.massopencloud.org/haas/v0/obm/mock"
	OBMIPMI    = "http://schema.massopencloud.org/haas/v0/obm/ipmi"
	// OBMIPMILAN is served by the real driver, which leaves the usual name to the mock.
	OBMIPMILAN = OBMIPMI + "-lan"
)

// Site is a folder in which a server can be started, stopped and started again.
type Site struct {
	Dir string
	// Config is the path of the site's haas.cfg.
	Config string
	// State is the folder of the mock devices' files.
	State string
}

// Sections are a haas.cfg: values by key by section. They replace the defaults of NewSite.
type Sections map[string]map[string]string

// NewSite makes a site on the mock drivers, with the database at uri, an SQLite file of its own if uri is empty.
func NewSite(t testing.TB, uri string, changes Sections) *Site {
	t.Helper()
	dir := t.TempDir()
	s := &Site{Dir: dir, Config: filepath.Join(dir, "haas.cfg"), State: filepath.Join(dir, "mock")}
	if uri == "" {
		uri = "sqlite:///" + filepath.Join(dir, "haas.db")
	}
	all := s.defaults(t, uri)
	for name, keys := range changes {
		if all[name] == nil {
			all[name] = map[string]string{}
		}
		maps.Copy(all[name], keys)
	}
	s.Write(t, all.String())
	return s
}

// Write replaces the site's haas.cfg.
func (s *Site) Write(t testing.TB, text string) {
	t.Helper()
	must(t, os.WriteFile(s.Config, []byte(text), 0o600))
}

func (s *Site) defaults(t testing.TB, uri string) Sections {
	return Sections{
		"general":                               {"log_level": "DEBUG"},
		"auth":                                  {"require_authentication": "True"},
		"extensions":                            {"haas.ext.auth.database": "", "haas.ext.network_allocators.vlan_pool": ""},
		"haas.ext.network_allocators.vlan_pool": {"vlans": "100-199"},
		"database":                              {"uri": uri},
		"plugins":                               {"dir": Plugins(t), "run_dir": runDir(t)},
		"console":                               {"log_dir": filepath.Join(t.TempDir(), "consoles")},
		"headnode":                              {"base_imgs": "base-headnode, debian-12"},
		"fabric":                                {"retry_delay": "20ms", "retry_max_delay": "200ms", "save_delay": "50ms", "visit_timeout": "10s", "lease": "3s"},
		"switch-mock":                           {"state_dir": s.State},
		"obm-mock":                              {"state_dir": s.State, "also": OBMIPMI},
		"obm-ipmi":                              {"type": OBMIPMILAN},
		"headnode-mock":                         {"state_dir": s.State},
	}
}

// runDir is a folder with a short name, whatever the name of the test: the paths of sockets are.
func runDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "haas-") //nolint:usetesting // its folder is named after the test
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // the temporary folder is cleaned by others otherwise
	return filepath.Join(dir, "run")
}

// String is the sections as INI text.
func (s Sections) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "[%s]\n", name)
		for _, key := range slices.Sorted(maps.Keys(s[name])) {
			fmt.Fprintf(&b, "%s = %s\n", key, s[name][key])
		}
	}
	return b.String()
}

// CreateAdmin adds an administrator to the site's database.
func (s *Site) CreateAdmin(t testing.TB, user, password string) {
	t.Helper()
	must(t, server.CreateAdmin(t.Context(), s.load(t), user, password))
}

func (s *Site) load(t testing.TB) *config.Config {
	t.Helper()
	cfg, err := config.Load(s.Config, func(string) string { return "" })
	must(t, err)
	return cfg
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
