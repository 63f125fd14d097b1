package netswitchtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/netswitch/netswitchtest"
)

const (
	repository = "../../.."
	guide      = repository + "/plugins/README.md"
	acmeToken  = "token-of-acme"
)

// TestTheGuidesExample builds the driver that the vendor's guide prints, in a module of its own, and certifies it. The one
// for a command line certifies itself.
func TestTheGuidesExample(t *testing.T) {
	t.Parallel()
	binary := buildExample(t)
	device := httptest.NewServer(newACME())
	t.Cleanup(device.Close)
	netswitchtest.Run(t, netswitchtest.Subject{
		Binary: binary,
		Target: sdk.Target{
			Name:     "acme",
			Type:     "http://acme.example.com/haas/v0/switches/acme",
			Settings: sdk.Settings(`{"url":"` + device.URL + `","token":"` + acmeToken + `"}`),
		},
		Ports:     []string{"eth1", "eth2"},
		Spellings: map[string]string{"e1": "eth1"},
		Absent:    "eth99",
	})
}

var goBlock = regexp.MustCompile("(?s)\n```go\n(.*?)\n```\n")

// buildExample gives the path of the program.
func buildExample(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	blocks := goBlock.FindAllStringSubmatch(string(text), -1)
	files := []string{"main.go", "main_test.go", "cli.go", "cli_test.go"}
	if len(blocks) != len(files) {
		t.Fatalf("%s has %d blocks of Go, want %q", guide, len(blocks), files)
	}
	if lines := strings.Count(blocks[0][1], "\n") + 1; lines >= 100 {
		t.Errorf("the example has %d lines; it promises less than 100", lines)
	}
	dir := t.TempDir()
	for i, name := range files {
		write(t, dir, name, blocks[i][1]+"\n")
	}
	writeModule(t, dir)
	run(t, dir, "go", "build", "-o", "switch-acme", ".")
	run(t, dir, "go", "vet", ".")
	run(t, dir, "go", "test", ".")
	if badly := run(t, dir, "gofmt", "-l", "."); badly != "" {
		t.Errorf("gofmt would change %s", badly)
	}
	return filepath.Join(dir, "switch-acme")
}

// writeModule makes a module that needs nothing from the network: all its checksums and versions are the repository's.
func writeModule(t *testing.T, dir string) {
	t.Helper()
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.sum", string(sums))
	write(t, dir, "go.mod", "module acme.example.com/switch-acme\n\ngo 1.26\n\n"+
		"require github.com/CCI-MOC/haas v0.0.0\n\nreplace github.com/CCI-MOC/haas => "+root+"\n")
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, dir string, command ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, said)
	}
	return string(said)
}

// acme is a switch of the make that the guide's example drives.
type acme struct {
	mux *http.ServeMux

	mu    sync.Mutex
	ports map[string]netswitch.PortState // guarded by mu
}

func newACME() *acme {
	a := &acme{mux: http.NewServeMux(), ports: map[string]netswitch.PortState{}}
	for _, port := range []string{"eth1", "eth2"} {
		a.ports[port] = netswitch.Closed(port)
	}
	a.mux.HandleFunc("GET /version", a.nothing)
	a.mux.HandleFunc("POST /save", a.nothing)
	a.mux.HandleFunc("GET /ports/{port}", a.getPort)
	a.mux.HandleFunc("PUT /ports/{port}", a.putPort)
	return a
}

func (a *acme) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+acmeToken {
		http.Error(w, "access denied", http.StatusUnauthorized)
		return
	}
	a.mux.ServeHTTP(w, r)
}

func (a *acme) nothing(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }

func (a *acme) getPort(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	state, ok := a.ports[r.PathValue("port")]
	if !ok {
		http.Error(w, "no such port", http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(state)
}

func (a *acme) putPort(w http.ResponseWriter, r *http.Request) {
	var state netswitch.PortState
	if err := json.NewDecoder(r.Body).Decode(&state); err != nil {
		http.Error(w, "what?", http.StatusUnprocessableEntity)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.ports[state.Port]; !ok {
		http.Error(w, "no such port", http.StatusNotFound)
		return
	}
	a.ports[state.Port] = state
	a.nothing(w, r)
}
