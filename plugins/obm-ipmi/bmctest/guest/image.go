package guest

import (
	_ "embed" // for the init script
	"io"
	"maps"
	"os"
	"path"
	"slices"
)

// start is the first program that runs.
//
//go:embed init.sh
var start []byte

// Image is what a guest has beside busybox.
type Image struct {
	// Modules are loaded into the kernel in this order, each after those that it needs: virtio_pci and virtio_net for a
	// network card, virtio_blk for a disk.
	Modules []string
	// Script is run by the shell before anybody can type. What it prints is on the serial port.
	Script string
	// Files are further files by their absolute paths. All can be executed.
	Files map[string][]byte
}

// Write writes the image as the kernel takes it for its initial file system.
func (g *Guest) Write(to io.Writer, i Image) error {
	busybox, err := os.ReadFile(g.Busybox)
	if err != nil {
		return err
	}
	modules, err := g.load(i.Modules)
	if err != nil {
		return err
	}
	files := map[string][]byte{"/init": start, "/bin/busybox": busybox, "/etc/script": []byte(i.Script)}
	var order []byte
	for _, m := range modules {
		file := "/lib/modules/" + m.name + ".ko"
		files[file] = m.content
		order = append(order, file+"\n"...)
	}
	files["/etc/modules"] = order
	maps.Copy(files, i.Files)
	return pack(to, files)
}

// pack writes the files and their folders.
func pack(to io.Writer, files map[string][]byte) error {
	folders := map[string]bool{"dev": true, "proc": true, "sys": true, "tmp": true, "root": true}
	for file := range files {
		for dir := path.Dir(file[1:]); dir != "."; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	a := &archive{to: to}
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		a.add(dir, isFolder|0o755, nil)
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		a.add(file[1:], isFile|0o755, files[file])
	}
	return a.close()
}
