package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/digitalocean/go-libvirt"
	"github.com/kdomanski/iso9660"
	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/sdk/headnode"
)

const (
	// seedSuffix ends the name of a machine's seed, after the machine's name.
	seedSuffix = ".seed.iso"
	// seedLabel is how cloud-init's data source NoCloud knows a volume.
	seedLabel = "cidata"
	// noUserData is what there has to be where there is none.
	noUserData = "#cloud-config\n{}\n"
	// shortest is how long the files of a seed are at least, in bytes, so that no two stand-ins for them are the same.
	shortest = 16
)

// CreateSeeded is Create of a machine with a seed. Like its disks, the seed is made before the machine's description.
func (s *session) CreateSeeded(ctx context.Context, spec headnode.Spec, seed headnode.Seed) error {
	return s.create(ctx, spec, &seed)
}

// makeSeed makes the volume with the machine's seed, and gives its path.
func (s *session) makeSeed(ctx context.Context, pool libvirt.StoragePool, id string, seed headnode.Seed) (string, error) {
	content, err := seedImage(id, seed)
	if err != nil {
		return "", err
	}
	description, err := (&libvirtxml.StorageVolume{
		Name:     id + seedSuffix,
		Capacity: &libvirtxml.StorageVolumeSize{Unit: "bytes", Value: uint64(len(content))},
		Target: &libvirtxml.StorageVolumeTarget{
			Format: &libvirtxml.StorageVolumeTargetFormat{Type: "raw"},
			// It holds what is secret: nobody else on the host may read it.
			Permissions: &libvirtxml.StorageVolumeTargetPermissions{Mode: "0600"},
		},
	}).Marshal()
	if err != nil {
		return "", err
	}
	vol, err := change(ctx, s.link, func(l *libvirt.Libvirt) (libvirt.StorageVol, error) {
		return l.StorageVolCreateXML(pool, description, 0)
	})
	if err != nil {
		return "", s.isFull(pool, err)
	}
	return vol.Key, s.upload(ctx, vol, content) // the key of a file is its path
}

// seedImage is the content of a volume that cloud-init finds by its label.
func seedImage(id string, seed headnode.Seed) ([]byte, error) {
	meta, err := json.Marshal(map[string]any{ // which is YAML, too
		"instance-id": strings.TrimPrefix(id, prefix), "local-hostname": seed.Hostname, "public-keys": append([]string{}, seed.SSHKeys...),
	})
	if err != nil {
		return nil, err
	}
	user := seed.UserData.Reveal()
	if user == "" {
		user = noUserData
	}
	return volume(map[string][]byte{"meta-data": append(meta, '\n'), "user-data": []byte(user)})
}

// volume is a volume with the files in it. The library gathers files in a folder on disk, where they would be left if the
// driver was killed. So it is given stand-ins for them, and what is secret never leaves the memory.
func volume(files map[string][]byte) ([]byte, error) {
	w, err := iso9660.NewWriter()
	if err != nil {
		return nil, fmt.Errorf("make a seed: %w", err)
	}
	defer func() { _ = w.Cleanup() }() // there is nothing of value in it
	standIns := map[string][]byte{}
	for name, content := range files {
		files[name] = append(content, bytes.Repeat([]byte{'\n'}, max(0, shortest-len(content)))...)
		standIns[name] = make([]byte, len(files[name]))
		_, _ = rand.Read(standIns[name]) // it never fails
		if err := w.AddFile(bytes.NewReader(standIns[name]), name); err != nil {
			return nil, fmt.Errorf("make a seed: %w", err)
		}
	}
	var made bytes.Buffer
	if err := w.WriteTo(&made, seedLabel); err != nil {
		return nil, fmt.Errorf("make a seed: %w", err)
	}
	all := made.Bytes()
	for name, content := range files {
		at := bytes.Index(all, standIns[name])
		if at < 0 {
			return nil, fmt.Errorf("make a seed: %s is not in it", name)
		}
		copy(all[at:], content)
	}
	return all, nil
}

// seedDisk is the machine's seed: a disk that it can only read, under the first name that none of its disks has. It is no
// CD, because which drives a machine can have depends on its kind, and all have disks of virtio.
func seedDisk(path string, others []libvirtxml.DomainDisk) libvirtxml.DomainDisk {
	letter := byte('b')
	for slices.ContainsFunc(others, func(d libvirtxml.DomainDisk) bool { return d.Target != nil && d.Target.Dev == "vd"+string(letter) }) {
		letter++
	}
	return libvirtxml.DomainDisk{
		Device: "disk",
		Driver: &libvirtxml.DomainDiskDriver{Name: "qemu", Type: "raw"},
		Source: &libvirtxml.DomainDiskSource{File: &libvirtxml.DomainDiskSourceFile{File: path}},
		Target: &libvirtxml.DomainDiskTarget{Dev: "vd" + string(letter), Bus: "virtio"}, ReadOnly: &libvirtxml.DomainDiskReadOnly{},
	}
}
