package main

import (
	"context"
	"errors"
	"fmt"
	"math"
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
	files, sums, err := s.files(ctx)
	if err != nil {
		return nil, err
	}
	var images []image
	used := map[string]bool{} // disks of somebody's machine, which are no images by themselves
	for _, m := range others {
		disks, _ := clonable(m)
		for _, d := range disks {
			used[d.path] = true
		}
		i, err := s.prepared(ctx, m)
		if unfit(err) {
			s.log.Debug("machine is no image", "machine", m.Name, "err", err)
			continue
		}
		if err != nil {
			return nil, err
		}
		images = append(images, *i)
	}
	for _, f := range files {
		if !used[f.disks[0].path] && !slices.ContainsFunc(images, func(i image) bool { return i.name == f.name }) {
			images = append(images, f)
		}
	}
	return s.listed(ctx, images, sums)
}

// unfit reports that something is wrong with a machine, and not with libvirtd.
func unfit(err error) bool {
	_, ours := errors.AsType[*sdk.Error](err)
	_, said := asLibvirt(err)
	return ours || said
}

// listed are the images as the contract has them.
func (s *session) listed(ctx context.Context, images []image, sums map[string]libvirt.StorageVol) ([]headnode.Image, error) {
	list := make([]headnode.Image, 0, len(images))
	for _, i := range images {
		sum, err := s.checksum(ctx, i, sums)
		if err != nil {
			return nil, err
		}
		list = append(list, headnode.Image{Name: i.name, Description: i.description, Size: i.size(), Checksum: sum})
	}
	slices.SortFunc(list, func(a, b headnode.Image) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// size is how many bytes the disks of a machine made from the image can hold.
func (i image) size() int64 {
	var sum int64
	for _, d := range i.disks {
		sum += int64(min(d.capacity, math.MaxInt64>>8)) // a few of these can be added
	}
	return sum
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
		if path == "" || d.Target == nil || d.Device != "" && d.Device != "disk" {
			bad = refused(fmt.Sprintf("image %s has a disk that is neither a file nor a device of the host, or is a floppy or LUN, so it cannot be "+
				"copied; remove it, or let it be read only", m.Name))
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
	return d.ReadOnly != nil || d.Device == "cdrom"
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
	i := &image{name: base.Name, description: wordsOf(base), base: base, disks: disks}
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
	files, _, err := s.files(ctx)
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
