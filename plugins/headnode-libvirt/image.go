package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/digitalocean/go-libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// image is what machines can be made from: a machine that an operator has prepared, or the file of a disk.
type image struct {
	name, description string
	// base is the prepared machine, nil for a file.
	base *machine
	// disks are those that each machine gets a copy of.
	disks []disk
}

// disk is the disk of an image.
type disk struct {
	path     string
	format   string // "qcow2", "raw"
	target   string // its name in the machine: "vda"
	capacity uint64 // bytes
	// like is the base's own disk, nil for a file.
	like *libvirtxml.DomainDisk
}

// formats are those of files that count as images of disks; an ISO is none.
var formats = []string{"qcow2", "raw"}

// Images lists the machines that were prepared, and the files in the pool.
func (s *session) Images(ctx context.Context) ([]headnode.Image, error) {
	images, err := s.images(ctx)
	return images, explain("list images of "+s.settings.endpoint.String(), err)
}

func (s *session) images(ctx context.Context) ([]headnode.Image, error) {
	others, err := s.others(ctx)
	if err != nil {
		return nil, err
	}
	var images []headnode.Image
	used := map[string]bool{} // disks of somebody's machine, which are no images by themselves
	for _, m := range others {
		disks, err := clonable(m)
		for _, d := range disks {
			used[d.path] = true
		}
		if err == nil && !m.running() {
			images = append(images, headnode.Image{Name: m.Name, Description: wordsOf(m)})
		}
	}
	files, err := s.files(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if !used[f.disks[0].path] && !slices.ContainsFunc(images, func(i headnode.Image) bool { return i.Name == f.name }) {
			images = append(images, headnode.Image{Name: f.name, Description: f.description})
		}
	}
	slices.SortFunc(images, func(a, b headnode.Image) int { return strings.Compare(a.Name, b.Name) })
	return images, nil
}

// others are the machines that HaaS did not make.
func (s *session) others(ctx context.Context) ([]*machine, error) {
	all, err := s.all(ctx)
	return slices.DeleteFunc(all, (*machine).ours), err
}

// wordsOf is what an operator has written about a machine.
func wordsOf(m *machine) string {
	if m.now.Title != "" {
		return m.now.Title
	}
	return m.now.Description
}

// clonable are the disks of a machine that each copy of it needs a copy of. What can only be read is shared. It fails if
// one of them cannot be copied, or there is none.
func clonable(m *machine) ([]disk, error) {
	var disks []disk
	var bad error
	for _, d := range disksOf(&m.now) {
		if isShared(d) {
			continue
		}
		path := pathOf(d)
		if path == "" || d.Target == nil {
			bad = refused(fmt.Sprintf("image %s has a disk that is neither a file nor a device of the host, so it cannot be copied", m.Name))
			continue
		}
		format := "raw"
		if d.Driver != nil && d.Driver.Type != "" {
			format = d.Driver.Type
		}
		disks = append(disks, disk{path: path, format: format, target: d.Target.Dev, like: &d})
	}
	if bad == nil && len(disks) == 0 {
		bad = refused(fmt.Sprintf("image %s has no disk to copy", m.Name))
	}
	return disks, bad
}

// isShared reports that a disk can only be read.
func isShared(d libvirtxml.DomainDisk) bool {
	return d.ReadOnly != nil || d.Device != "" && d.Device != "disk"
}

// pathOf is where the disk is on the host, "" if that is not said.
func pathOf(d libvirtxml.DomainDisk) string {
	switch {
	case d.Source == nil:
		return ""
	case d.Source.File != nil:
		return d.Source.File.File
	case d.Source.Block != nil:
		return d.Source.Block.Dev
	default:
		return ""
	}
}

// files are the files in the pool that are images of disks.
func (s *session) files(ctx context.Context) ([]image, error) {
	pool, err := s.needPool(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.refresh(ctx, pool); err != nil {
		return nil, err
	}
	vols, err := s.volumes(ctx, pool)
	if err != nil {
		return nil, err
	}
	var images []image
	for _, vol := range vols {
		i, err := s.file(ctx, vol)
		if err != nil && !is(err, libvirt.ErrNoStorageVol) {
			return nil, err
		}
		if i != nil {
			images = append(images, *i)
		}
	}
	return images, nil
}

// file is a volume as an image, nil if it is none.
func (s *session) file(ctx context.Context, vol libvirt.StorageVol) (*image, error) {
	if _, ok := ownerOf(vol.Name); ok {
		return nil, nil
	}
	text, err := get(ctx, s.link, func(l *libvirt.Libvirt) (string, error) { return l.StorageVolGetXMLDesc(vol, 0) })
	if err != nil {
		return nil, err
	}
	var v libvirtxml.StorageVolume
	if err := v.Unmarshal(text); err != nil {
		return nil, fmt.Errorf("understand the description of volume %s: %w", vol.Name, err)
	}
	if v.Type != "file" || v.Target == nil || v.Target.Format == nil || v.Capacity == nil || !slices.Contains(formats, v.Target.Format.Type) {
		return nil, nil
	}
	d := disk{path: v.Target.Path, format: v.Target.Format.Type, target: "vda", capacity: v.Capacity.Value}
	return &image{name: vol.Name, disks: []disk{d}}, nil
}

// image is the image of that name. A machine goes before a file.
func (s *session) image(ctx context.Context, name string) (*image, error) {
	dom, err := get(ctx, s.link, func(l *libvirt.Libvirt) (libvirt.Domain, error) { return l.DomainLookupByName(name) })
	if is(err, libvirt.ErrNoDomain) {
		return s.fileNamed(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	base, err := s.describe(ctx, dom)
	if err != nil {
		return nil, err
	}
	if base.ours() {
		return nil, s.noImage(ctx, name)
	}
	return s.prepared(ctx, base)
}

// prepared is a machine as an image.
func (s *session) prepared(ctx context.Context, base *machine) (*image, error) {
	if base.running() {
		return nil, refused(fmt.Sprintf("image %s is a machine that runs on %s, so its disk changes; shut it down first", base.Name, s.settings.endpoint))
	}
	disks, err := clonable(base)
	if err != nil {
		return nil, err
	}
	i := &image{name: base.Name, base: base, disks: disks}
	for n := range i.disks {
		d := &i.disks[n]
		size, err := get(ctx, s.link, func(l *libvirt.Libvirt) (uint64, error) {
			_, size, _, err := l.DomainGetBlockInfo(base.Domain, d.target, 0)
			return size, err
		})
		if err != nil {
			return nil, err
		}
		d.capacity = size
	}
	return i, nil
}

// fileNamed is a file in the pool as an image.
func (s *session) fileNamed(ctx context.Context, name string) (*image, error) {
	files, err := s.files(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.name == name {
			return &f, nil
		}
	}
	return nil, s.noImage(ctx, name)
}

// noImage is the error for an image that there is not; it says which there are.
func (s *session) noImage(ctx context.Context, name string) error {
	images, err := s.images(ctx)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(images))
	for _, i := range images {
		names = append(names, i.Name)
	}
	return &sdk.Error{Code: sdk.Invalid, Text: fmt.Sprintf("image: there is no %q on %s; there are: %s", name, s.settings.endpoint, strings.Join(names, ", "))}
}
