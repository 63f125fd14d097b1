package libvirttest_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/headnode-libvirt/libvirttest"
	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// starter is the environment variable that makes this program start a host in that folder, and wait to be killed.
const starter = "HAAS_TEST_STARTER"

// patience bounds what the kernel does in a moment.
const patience = time.Minute

const machine = `<domain type='qemu'><name>x</name><memory>65536</memory><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/><target dev='vda' bus='virtio'/></disk></devices></domain>`

// TestNothingOutlivesItsStarter kills a program that has started a host with a machine.
func TestNothingOutlivesItsStarter(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(starter); dir != "" {
		start(t, dir)
		return
	}
	if err := libvirttest.Available(); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "virt") //nolint:usetesting // t.TempDir is too long for a socket.
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestNothingOutlivesItsStarter$")
	cmd.Env = append(os.Environ(), starter+"="+dir)
	said, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(said)
	for lines.Scan() && lines.Text() != "it runs" {
		t.Log(lines.Text())
	}
	before := strings.Join(processes(t, dir), "\n")
	if !strings.Contains(before, "libvirtd ") || !strings.Contains(before, "qemu-system") {
		t.Errorf("libvirtd and a machine should run, not %s", before)
	}
	must(t, cmd.Process.Signal(syscall.SIGKILL))
	_ = cmd.Wait() // it was killed
	limit := time.Now().Add(patience)
	for left := processes(t, dir); len(left) > 0; left = processes(t, dir) {
		if time.Now().After(limit) {
			t.Fatalf("there are left: %q", left)
		}
	}
}

// start starts a host with a machine, and waits for ever.
func start(t *testing.T, dir string) {
	network, err := ovstest.NewMachine(t.Context())
	must(t, err)
	h, err := libvirttest.Start(t.Context(), dir, libvirttest.Options{In: network.Do})
	must(t, err)
	disk := filepath.Join(dir, "disk")
	h.AddDisk(t, disk, "1M")
	h.Define(t, fmt.Sprintf(machine, disk))
	h.MustVirsh(t, "start", "x")
	_, _ = fmt.Fprintln(os.Stderr, "it runs")
	select {}
}

// processes are the command lines in which a folder is named.
func processes(t testing.TB, dir string) (lines []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	must(t, err)
	for _, file := range files {
		if line, err := os.ReadFile(file); err == nil && strings.Contains(string(line), dir) {
			lines = append(lines, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return lines
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
