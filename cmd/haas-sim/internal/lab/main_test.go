// The lab's parts are nobody else's, so their tests are inside.
package lab

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(removing{m}) }

// removing removes the programs when the tests have run.
type removing struct{ m *testing.M }

func (r removing) Run() int {
	code := r.m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir) // the temporary folder is cleaned by others otherwise
	}
	return code
}

// built are the programs that the lab runs, made by the first test that asks for them.
var built programs //nolint:gochecknoglobals // tests of one binary share what is slow to build.

type programs struct {
	once sync.Once
	dir  string
	err  error
}

func (p *programs) build() {
	if p.dir, p.err = os.MkdirTemp("", "haas-lab-"); p.err != nil {
		return
	}
	p.err = p.into("", "cmd/haas")
	for _, driver := range []string{"switch-nexus", "switch-powerconnect", "switch-ovs", "obm-mock"} {
		if p.err == nil {
			p.err = p.into("plugins", "plugins/"+driver)
		}
	}
	if p.err == nil {
		p.err = os.Chmod(p.dir, 0o755)
	}
}

func (p *programs) into(folder, program string) error {
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", filepath.Join(p.dir, folder)+"/", "github.com/CCI-MOC/haas/"+program)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", program, err, out)
	}
	return nil
}

// needsSwitch skips a test where Open vSwitch cannot run; a build server has no excuse.
func needsSwitch(t *testing.T) {
	t.Helper()
	if err := ovstest.Available(); err != nil {
		if os.Getenv("CI") == "" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
}

// bin is the folder of the programs.
func bin(t *testing.T) string {
	t.Helper()
	built.once.Do(built.build)
	must(t, built.err)
	return built.dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// out prints through the test.
type out struct{ t *testing.T }

func (o out) Write(p []byte) (int, error) {
	o.t.Logf("%s", p)
	return len(p), nil
}
