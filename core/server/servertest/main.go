package servertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/store/storetest"
)

// Main runs the tests of a package that starts servers, removes what was built for them, and fails if goroutines are
// left. It ends the program.
func Main(m *testing.M) { storetest.Main(removing{m}) }

// removing removes what was built when the tests have run.
type removing struct{ m *testing.M }

// Run runs the tests.
func (r removing) Run() int {
	code := r.m.Run()
	mocks.remove()
	haas.remove()
	return code
}

// Plugins is a folder with the drivers, built once per test process.
func Plugins(t testing.TB) string {
	t.Helper()
	return mocks.folder(t)
}

// Program is the path of the command haas, built once per test process. No drivers are beside it.
func Program(t testing.TB) string {
	t.Helper()
	return filepath.Join(haas.folder(t), "haas")
}

// mocks are the drivers of this test process, haas is its command.
var (
	mocks = programs{of: "github.com/CCI-MOC/haas/plugins/..."} //nolint:gochecknoglobals // tests of one binary share what is slow to build.
	haas  = programs{of: "github.com/CCI-MOC/haas/cmd/haas"}    //nolint:gochecknoglobals // tests of one binary share what is slow to build.
)

// programs is a folder of programs that is built when the first test asks for it.
type programs struct {
	of   string
	once sync.Once
	dir  string
	err  error
}

func (p *programs) folder(t testing.TB) string {
	t.Helper()
	p.once.Do(p.build)
	must(t, p.err)
	return p.dir
}

func (p *programs) build() {
	if p.dir, p.err = os.MkdirTemp("", "haas-programs-"); p.err != nil {
		return
	}
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", p.dir, p.of)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		p.err = fmt.Errorf("build %s: %w\n%s", p.of, err, out)
		return
	}
	p.err = os.Chmod(p.dir, 0o755)
}

// remove removes the folder, if there is one.
func (p *programs) remove() {
	if p.dir != "" {
		_ = os.RemoveAll(p.dir) // the temporary folder is cleaned by others otherwise
	}
}
