package libvirttest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Virsh runs virsh with some arguments, as an operator does, and gives what it printed.
func (h *Host) Virsh(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return output(exec.CommandContext(ctx, "virsh", append([]string{"--quiet", "--connect", h.URI()}, args...)...))
}

// MustVirsh is Virsh for a test, which fails if it does.
func (h *Host) MustVirsh(t testing.TB, args ...string) string {
	t.Helper()
	out, err := h.Virsh(context.WithoutCancel(t.Context()), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// output is what a program printed; its error has what it complained about.
func output(cmd *exec.Cmd) (string, error) {
	var said, complained strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &complained
	if err := cmd.Run(); err != nil {
		return said.String(), fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(complained.String()))
	}
	return strings.TrimSpace(said.String()), nil
}

// AddPool defines and starts a pool for a test, in a folder of the host, and gives the folder's path.
func (h *Host) AddPool(t testing.TB, name string) string {
	t.Helper()
	dir := h.path(filepath.Join("pool", name))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	h.MustVirsh(t, "pool-define-as", name, "dir", "--target", dir)
	h.MustVirsh(t, "pool-start", name)
	return dir
}

// AddDisk makes an image file of some size for a test, such as "64M".
func (h *Host) AddDisk(t testing.TB, path, size string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "qemu-img", "create", "-q", "-f", "qcow2", path, size).CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v: %s", path, err, out)
	}
}

// Define defines a machine for a test, from its description in XML.
func (h *Host) Define(t testing.TB, description string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "domain.xml")
	if err := os.WriteFile(file, []byte(description), 0o600); err != nil {
		t.Fatal(err)
	}
	h.MustVirsh(t, "define", "--validate", file)
}

// Emulators are the programs that run those of the host's machines that have a disk in its folder, by their process ids.
func (h *Host) Emulators(t testing.TB) []string {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var pids []string
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(line), "qemu-system") && strings.Contains(string(line), h.dir) {
			pids = append(pids, filepath.Base(filepath.Dir(path)))
		}
	}
	return pids
}

// Inside runs a program for a test that sees the files the daemon sees, such as mount, and gives what it printed.
func (h *Host) Inside(t testing.TB, program string, args ...string) string {
	t.Helper()
	pid := strconv.Itoa(h.cmd.Process.Pid)
	first, err := os.ReadFile(filepath.Join("/proc", pid, "task", pid, "children")) // unshare has one child
	if err != nil {
		t.Fatal(err)
	}
	enter := []string{"--target", strings.TrimSpace(string(first)), "--mount", program}
	out, err := output(exec.CommandContext(t.Context(), "nsenter", append(enter, args...)...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
