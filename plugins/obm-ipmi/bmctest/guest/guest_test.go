package guest_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhereThereIsNoGuest(t *testing.T) {
	t.Chdir(t.TempDir())
	if g, err := guest.Find(); !errors.Is(err, guest.ErrMissing) {
		t.Errorf("%+v, %v", g, err)
	}
}

// TestAnImageCanBeUnpacked has busybox, which did not write it, read an image.
func TestAnImageCanBeUnpacked(t *testing.T) {
	t.Parallel()
	g := guest.Need(t)
	var image bytes.Buffer
	must(t, g.Write(&image, guest.Image{
		Modules: []string{"virtio_net", "virtio-pci", "virtio_net"}, Script: "echo hello\n",
		Files: map[string][]byte{"/srv/deep/note": []byte("odd")},
	}))
	busybox := filepath.Join(filepath.Dir(g.Kernel), "..", "bin", "busybox")
	unpack := exec.CommandContext(t.Context(), busybox, "cpio", "-idv") //nolint:gosec // the guest's own
	unpack.Dir, unpack.Stdin = t.TempDir(), &image
	out, err := unpack.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	files := strings.Fields(string(out))
	for _, want := range []string{"init", "bin/busybox", "dev", "srv", "srv/deep", "srv/deep/note", "lib/modules/virtio_pci.ko"} {
		if !slices.Contains(files, want) {
			t.Errorf("no %s in %v", want, files)
		}
	}
	for file, want := range map[string]string{
		"etc/script": "echo hello\n", "srv/deep/note": "odd",
		"etc/modules": inserted("virtio", "virtio_ring", "failover", "net_failover", "virtio_net", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci"),
	} {
		if got := read(t, unpack.Dir, file); sorted(got) != sorted(want) {
			t.Errorf("%s is %q, want %q", file, got, want)
		}
	}
	order := read(t, unpack.Dir, "etc/modules")
	for _, pair := range [][2]string{{"failover", "net_failover"}, {"net_failover", "virtio_net"}, {"virtio_ring", "virtio_net"}, {"virtio_pci_modern_dev", "virtio_pci"}} {
		if strings.Index(order, inserted(pair[0])) > strings.Index(order, inserted(pair[1])) {
			t.Errorf("%s comes after %s, which needs it:\n%s", pair[0], pair[1], order)
		}
	}
}

func TestAModuleThatIsBuiltInIsNoFile(t *testing.T) {
	t.Parallel()
	g := guest.Need(t)
	var with, without bytes.Buffer
	must(t, g.Write(&with, guest.Image{Modules: []string{"8250"}}))
	must(t, g.Write(&without, guest.Image{}))
	if !bytes.Equal(with.Bytes(), without.Bytes()) {
		t.Errorf("the image has %d bytes with the serial port's driver, %d without", with.Len(), without.Len())
	}
}

func TestAModuleThatIsUnknown(t *testing.T) {
	t.Parallel()
	err := guest.Need(t).Write(&bytes.Buffer{}, guest.Image{Modules: []string{"floppy_robot"}})
	if err == nil || !strings.Contains(err.Error(), "floppy_robot") {
		t.Errorf("got %v", err)
	}
}

// inserted is how the image names modules.
func inserted(modules ...string) string {
	var all strings.Builder
	for _, m := range modules {
		all.WriteString("/lib/modules/" + m + ".ko\n")
	}
	return all.String()
}

func sorted(text string) string {
	return strings.Join(slices.Sorted(slices.Values(strings.SplitAfter(text, "\n"))), "")
}

func read(t *testing.T, dir, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	must(t, err)
	return string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
