// A program cannot be imported, so its tests are inside.

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/kdomanski/iso9660"
	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// seed is what machines in these tests are told.
var seed = headnode.Seed{
	Hostname: "h1", SSHKeys: []string{"ssh-ed25519 AAAA <ann & co>", "ssh-rsa BBBB"}, UserData: "#!/bin/sh\necho the secret is 42\n",
}

const seedID = prefix + "01234567-89ab-cdef-0123-456789abcdef"

// TestSeedImages reads seeds back.
func TestSeedImages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		seed headnode.Seed
		meta map[string]any
		user string
	}{
		"all": {
			seed,
			map[string]any{"local-hostname": "h1", "public-keys": []any{seed.SSHKeys[0], seed.SSHKeys[1]}}, seed.UserData.Reveal(),
		},
		"keys alone": {
			headnode.Seed{Hostname: "h1", SSHKeys: seed.SSHKeys[1:]},
			map[string]any{"local-hostname": "h1", "public-keys": []any{seed.SSHKeys[1]}}, noUserData,
		},
		"short user data": {
			headnode.Seed{Hostname: "h1", UserData: "#!/bin/sh"},
			map[string]any{"local-hostname": "h1", "public-keys": []any{}}, "#!/bin/sh\n\n\n\n\n\n\n",
		},
		"long user data": {
			headnode.Seed{Hostname: "h1", UserData: sdk.Secret("#!" + strings.Repeat("0123456789abcde\n", 4<<10))},
			map[string]any{"local-hostname": "h1", "public-keys": []any{}}, "#!" + strings.Repeat("0123456789abcde\n", 4<<10),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := seedImage(seedID, c.seed)
			must(t, err)
			files := unpack(t, content)
			var meta map[string]any
			must(t, json.Unmarshal([]byte(files["meta-data"]), &meta))
			c.meta["instance-id"] = "01234567-89ab-cdef-0123-456789abcdef"
			if !reflect.DeepEqual(meta, c.meta) {
				t.Errorf("meta-data are %v", meta)
			}
			if files["user-data"] != c.user || len(files) != 2 {
				t.Errorf("files are %q", files)
			}
		})
	}
}

// unpack gives the files of a seed by their names.
func unpack(t testing.TB, content []byte) map[string]string {
	t.Helper()
	image, err := iso9660.OpenImage(bytes.NewReader(content))
	must(t, err)
	label, err := image.Label()
	must(t, err)
	if label = strings.TrimRight(label, " "); label != seedLabel {
		t.Errorf("the label is %q", label)
	}
	root, err := image.RootDir()
	must(t, err)
	children, err := root.GetChildren()
	must(t, err)
	files := map[string]string{}
	for _, f := range children {
		text, err := io.ReadAll(f.Reader())
		must(t, err)
		files[f.Name()] = string(text)
	}
	return files
}

func TestASeedTakesAFreeName(t *testing.T) {
	t.Parallel()
	var others []libvirtxml.DomainDisk
	for _, want := range []string{"vdb", "vdc"} {
		d := seedDisk("/p", others)
		if d.Target.Dev != want || d.ReadOnly == nil {
			t.Errorf("it is %+v, want %s", d.Target, want)
		}
		others = append(others, d)
	}
}

// wantSeed fails the test unless the machine has its seed, whole, and only its host can read that.
func wantSeed(t testing.TB, s *session, id string) {
	t.Helper()
	m, err := s.find(t.Context(), id)
	must(t, err)
	for _, path := range m.files() {
		if !strings.HasSuffix(path, seedSuffix) {
			continue
		}
		content, err := os.ReadFile(path)
		must(t, err)
		if got := unpack(t, content)["user-data"]; got != seed.UserData.Reveal() {
			t.Errorf("user-data are %q", got)
		}
		about, err := os.Stat(path)
		must(t, err)
		if about.Mode().Perm()&0o077 != 0 {
			t.Errorf("others can read the seed: %v", about.Mode())
		}
		return
	}
	t.Errorf("the machine has no seed, only %v", m.files())
}

// wantLabel has blkid, which cloud-init asks, find the label of a seed.
func wantLabel(t testing.TB, path string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "/usr/sbin/blkid", "-p", "-o", "export", path).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "\nLABEL="+seedLabel+"\n") || !strings.Contains(string(out), "\nTYPE=iso9660\n") {
		t.Errorf("blkid says %v, %s", err, out)
	}
}

// givesSeeds boots a machine that looks for its seed by the label, as cloud-init does.
func givesSeeds(t *testing.T, h *host) {
	g := guest.Need(t)
	var initrd bytes.Buffer
	must(t, g.Write(&initrd, guest.Image{
		Modules: []string{"virtio_pci", "virtio_blk", "isofs"},
		// Debian's busybox finds no such volume by its label, so it is looked for where ISO 9660 has that.
		Script: "mkdir /seed\nfor d in /dev/vd*; do\n" +
			"[ \"$(dd if=$d bs=1 skip=32808 count=6 2>/dev/null)\" = cidata ] && mount -t iso9660 $d /seed\ndone\n" +
			"echo META $(cat /seed/meta-data)\necho USER $(cat /seed/user-data)\n" +
			"echo HELD $(touch /seed/x 2>&1)\n",
	}))
	file := filepath.Join(h.Dir(), "seeded.initrd")
	must(t, os.WriteFile(file, initrd.Bytes(), 0o600))
	disk := filepath.Join(h.pool, "base-seeded.qcow2")
	h.AddDisk(t, disk, "32M")
	boot := fmt.Sprintf("<os><type>hvm</type><kernel>%s</kernel><initrd>%s</initrd><cmdline>console=ttyS0</cmdline></os>", g.Kernel, file)
	h.Define(t, strings.NewReplacer("<os><type>hvm</type></os>", boot, ">48<", ">128<").Replace(base("base-seeded", disk)))

	s := h.open(t, nil)
	spec := spec("base-seeded", 104)
	must(t, s.CreateSeeded(t.Context(), spec, seed))
	wantSeed(t, s, spec.ID)
	wantLabel(t, filepath.Join(h.pool, spec.ID+seedSuffix))
	must(t, s.Start(t.Context(), spec.ID))
	console, err := s.Console(t.Context(), spec.ID)
	must(t, err)
	said := guest.ReadUntil(t, console, "guest# ")
	for _, want := range []string{
		`"instance-id":"` + strings.TrimPrefix(spec.ID, prefix) + `","local-hostname":"h1","public-keys":["ssh-ed25519 AAAA`,
		"USER #!/bin/sh echo the secret is 42", "Read-only file system",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the guest has not said %q, but %s", want, said)
		}
	}
	must(t, console.Close())
	wantSeed(t, s, spec.ID) // also while it runs
	must(t, s.Delete(t.Context(), spec.ID))
	h.wantGone(t, spec.ID)
}

// findsNoRoomForSeed has less and less room in a pool, so that it is full at the disk, at the seed, or not at all.
func findsNoRoomForSeed(t *testing.T, h *host) {
	dir := h.AddPool(t, "narrow")
	h.Inside(t, "mount", "-t", "tmpfs", "-o", "size=640k", "narrow", dir)
	h.Inside(t, "qemu-img", "create", "-q", "-f", "qcow2", filepath.Join(dir, file), "64M")
	s := h.open(t, map[string]any{"pool": "narrow"})
	large := headnode.Seed{Hostname: "h1", UserData: sdk.Secret("#!" + strings.Repeat("x", 60<<10))}
	made, full := 0, 0
	for filled := 0; filled <= 416; filled += 32 {
		h.Inside(t, "dd", "if=/dev/zero", "of="+filepath.Join(dir, "filler"), "bs=1k", fmt.Sprintf("count=%d", filled), "status=none")
		spec := spec(file, 104)
		err := s.CreateSeeded(t.Context(), spec, large)
		if err == nil {
			made++
		} else {
			wantText(t, err, sdk.Refused, "pool narrow", "is full")
			full++
		}
		must(t, s.Delete(t.Context(), spec.ID))
		h.wantGone(t, spec.ID)
	}
	if out := h.Inside(t, "ls", dir); out != file+"\nfiller" || made == 0 || full == 0 {
		t.Errorf("%d were made, %d not; there is %s", made, full, out)
	}
	t.Logf("%d were made, %d not", made, full)
}
