// Package servertest starts whole servers for tests: the real API, fabric and store, and the mock drivers as processes.
package servertest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/core/server"
)

// Type URLs of the mock drivers.
const (
	SwitchMock = "http://schema.massopencloud.org/haas/v0/switches/mock"
	OBMMock    = "http://schema.massopencloud.org/haas/v0/obm/mock"
	OBMIPMI    = "http://schema.massopencloud.org/haas/v0/obm/ipmi"
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
	must(t, os.WriteFile(s.Config, []byte(all.String()), 0o600))
	return s
}

func (s *Site) defaults(t testing.TB, uri string) Sections {
	return Sections{
		"general":                               {"log_level": "DEBUG"},
		"server":                                {"listen": "127.0.0.1:0"},
		"auth":                                  {"require_authentication": "True"},
		"extensions":                            {"haas.ext.auth.database": "", "haas.ext.network_allocators.vlan_pool": ""},
		"haas.ext.network_allocators.vlan_pool": {"vlans": "100-199"},
		"database":                              {"uri": uri},
		"plugins":                               {"dir": Plugins(t), "run_dir": filepath.Join(s.Dir, "run")},
		"headnode":                              {"base_imgs": "base-headnode, debian-12"},
		"fabric":                                {"retry_delay": "20ms", "retry_max_delay": "200ms", "save_delay": "50ms", "visit_timeout": "10s", "lease": "3s"},
		"switch-mock":                           {"state_dir": s.State},
		"obm-mock":                              {"state_dir": s.State, "also": OBMIPMI},
		"headnode-mock":                         {"state_dir": s.State},
	}
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

// Server is a running server.
type Server struct {
	// URL is the address of the API, without a slash at its end.
	URL string
	// Log is what the server logged.
	Log *Log
	// Stop ends the server and waits for it; it may be called several times.
	Stop func()
}

// Start runs the site's server in this process until the end of the test, or until it is stopped.
func (s *Site) Start(t testing.TB) *Server { return s.StartPart(t, true, true) }

// StartPart is Start for the API or the fabric alone.
func (s *Site) StartPart(t testing.TB, api, fabric bool) *Server {
	t.Helper()
	cfg, err := config.Load(s.Config, func(string) string { return "" })
	must(t, err)
	log := &Log{}
	ready := make(chan string, 1)
	srv, err := server.New(server.Options{
		Config: cfg, API: api, Fabric: fabric, Version: "test",
		Log:     hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, Output: log}),
		OnReady: func(address string) { ready <- address },
	})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- srv.Run(ctx) }()
	var once sync.Once
	running := &Server{Log: log, Stop: func() {
		cancel()
		once.Do(func() {
			if err := <-ended; err != nil {
				t.Errorf("server: %v", err)
			}
		})
	}}
	t.Cleanup(func() {
		running.Stop()
		if t.Failed() {
			t.Logf("the server's log ends with\n%s", log.Tail(100))
		}
	})
	select {
	case address := <-ready:
		running.URL = "http://" + address
	case err := <-ended:
		t.Fatalf("server ended before it was ready: %v\n%s", err, log)
	}
	return running
}

// CreateAdmin adds an administrator to the site's database.
func (s *Site) CreateAdmin(t testing.TB, user, password string) {
	t.Helper()
	cfg, err := config.Load(s.Config, func(string) string { return "" })
	must(t, err)
	must(t, server.CreateAdmin(t.Context(), cfg, user, password))
}

// Plugins is a folder with the mock drivers, built once per test process.
func Plugins(t testing.TB) string {
	t.Helper()
	dir, err := builtPlugins()
	must(t, err)
	return dir
}

var builtPlugins = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "haas-plugins-")
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", dir, "github.com/CCI-MOC/haas/plugins/...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the mock drivers: %w\n%s", err, out)
	}
	return dir, os.Chmod(dir, 0o755)
})

// RemovePlugins removes what Plugins built; TestMain calls it at the end.
func RemovePlugins() {
	if dir, err := builtPlugins(); err == nil {
		_ = os.RemoveAll(dir) // the temporary folder is cleaned by others otherwise
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
