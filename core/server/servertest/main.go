package servertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/store/storetest"
)

// Main runs the tests of a package that starts servers, removes what was built for them, and fails if goroutines are
// left. It ends the program.
func Main(m *testing.M) { storetest.Main(removing{m}) }

// removing removes the mock drivers when the tests have run.
type removing struct{ m *testing.M }

// Run runs the tests.
func (r removing) Run() int {
	code := r.m.Run()
	mocks.remove()
	return code
}

// Plugins is a folder with the mock drivers, built once per test process.
func Plugins(t testing.TB) string {
	t.Helper()
	mocks.once.Do(mocks.build)
	must(t, mocks.err)
	return mocks.dir
}

// mocks are the mock drivers of this test process.
var mocks plugins //nolint:gochecknoglobals // tests of one binary share what is slow to build.

// plugins is a folder of drivers that is built when the first test asks for it.
type plugins struct {
	once sync.Once
	dir  string
	err  error
}

func (p *plugins) build() {
	if p.dir, p.err = os.MkdirTemp("", "haas-plugins-"); p.err != nil {
		return
	}
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", p.dir, "github.com/CCI-MOC/haas/plugins/...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		p.err = fmt.Errorf("build the mock drivers: %w\n%s", err, out)
		return
	}
	p.err = os.Chmod(p.dir, 0o755)
}

// remove removes the folder, if there is one.
func (p *plugins) remove() {
	if p.dir != "" {
		_ = os.RemoveAll(p.dir) // the temporary folder is cleaned by others otherwise
	}
}
