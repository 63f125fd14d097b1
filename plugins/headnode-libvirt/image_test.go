// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/headnode"
)

// listsImages has all kinds of things in a pool of its own, and machines of an operator's.
func listsImages(t *testing.T, h *host) {
	dir := h.AddPool(t, "images")
	sum := strings.Repeat("0f", 32)
	for name, content := range map[string]string{
		"b.img": strings.Repeat("x", 1<<20), "b.img.sha256": sum + "  b.img\n", "c.qcow2.sha256": "none", "notes.txt": "no disk", "boot.iso": "no disk",
	} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	h.AddDisk(t, filepath.Join(dir, "c.qcow2"), "3M")
	h.AddDisk(t, filepath.Join(dir, "a-disk.qcow2"), "5M")
	h.Define(t, base("a-base", filepath.Join(dir, "a-disk.qcow2")))
	must(t, os.WriteFile(filepath.Join(dir, "a-disk.qcow2"+sumSuffix), []byte(sum), 0o600))
	h.Define(t, base("a-broken", filepath.Join(dir, "absent.qcow2")))
	s := h.open(t, map[string]any{"pool": "images"})
	machine := spec("b.img", 104)
	must(t, s.Create(t.Context(), machine))
	t.Cleanup(func() { must(t, s.Delete(context.WithoutCancel(t.Context()), machine.ID)) })

	var all []headnode.Image
	for range 200 { // go-libvirt used to hang at one in a hundred
		var err error
		all, err = s.Images(t.Context())
		must(t, err)
		if !slices.ContainsFunc(all, func(i headnode.Image) bool { return i.Name == "b.img" && i.Checksum == "sha256:"+sum }) {
			t.Fatalf("the checksum of b.img is not in %+v", all)
		}
	}
	var mine []headnode.Image // others are defining machines, too
	for _, i := range all {
		if !strings.HasPrefix(i.Name, "base-") && !strings.HasPrefix(i.Name, prefix) {
			mine = append(mine, i)
		}
	}
	want := []headnode.Image{
		{Name: "a-base", Description: "A prepared machine", Size: 5 << 20, Checksum: "sha256:" + sum},
		{Name: "b.img", Size: 1 << 20, Checksum: "sha256:" + sum},
		{Name: "c.qcow2", Size: 3 << 20},
	}
	if !reflect.DeepEqual(mine, want) {
		t.Errorf("%+v, want %+v", mine, want)
	}
}
