package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/digitalocean/go-libvirt"
	"libvirt.org/go/libvirtxml"
)

// files are the files in the pool that are images of disks, and the checksums of some, by their paths.
func (s *session) files(ctx context.Context) (images []image, sums map[string]libvirt.StorageVol, err error) {
	pool, err := s.needPool(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := s.refresh(ctx, pool); err != nil {
		return nil, nil, err
	}
	vols, err := s.volumes(ctx, pool)
	if err != nil {
		return nil, nil, err
	}
	sums = map[string]libvirt.StorageVol{}
	for _, vol := range vols {
		if path, ok := strings.CutSuffix(vol.Key, sumSuffix); ok { // the key of a file is its path
			sums[path] = vol
			continue
		}
		i, err := s.file(ctx, vol)
		if err != nil && !is(err, libvirt.ErrNoStorageVol) {
			return nil, nil, err
		}
		if i != nil {
			images = append(images, *i)
		}
	}
	return images, sums, nil
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
	if v.Type != "file" || v.Target == nil || v.Target.Format == nil || v.Capacity == nil || !isDisk(vol.Name, v.Target.Format.Type) {
		return nil, nil
	}
	d := disk{path: v.Target.Path, format: v.Target.Format.Type, target: "vda", capacity: v.Capacity.Value}
	return &image{name: vol.Name, disks: []disk{d}}, nil
}

// isDisk reports that a file is the image of a disk. To libvirt every file is one that it does not know to be something
// else, so those go by their names.
func isDisk(name, format string) bool {
	return format == "qcow2" || format == "raw" && (strings.HasSuffix(name, ".img") || strings.HasSuffix(name, ".raw"))
}

const (
	// sumSuffix ends the name of the file, beside that of a disk, that sha256sum has written.
	sumSuffix = ".sha256"
	// sumSize is enough of it.
	sumSize = 64
)

var sumDigits = regexp.MustCompile(`\A[0-9a-f]{64}\z`)

// checksum is that of an image with one disk, if an operator has put it beside that.
func (s *session) checksum(ctx context.Context, i image, sums map[string]libvirt.StorageVol) (string, error) {
	vol, ok := sums[i.disks[0].path]
	if !ok || len(i.disks) > 1 {
		return "", nil
	}
	digits, err := s.download(ctx, vol, sumSize)
	if _, said := asLibvirt(err); err != nil && !said {
		return "", err
	}
	if !sumDigits.MatchString(digits) {
		s.log.Warn("checksum is none", "image", i.name, "err", err)
		return "", nil
	}
	return "sha256:" + digits, nil
}

// download gives the first bytes of a volume, over a connection of its own: libvirtd keeps a stream until its connection ends.
func (s *session) download(ctx context.Context, vol libvirt.StorageVol, size uint64) (string, error) {
	l, err := dial(ctx, s.settings, s.way)
	if err != nil {
		return "", err
	}
	defer l.close()
	return get(ctx, l, func(api *libvirt.Libvirt) (string, error) {
		var b bytes.Buffer
		err := api.StorageVolDownload(vol, &b, 0, size, 0)
		return b.String(), err
	})
}
