package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/digitalocean/go-libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/sdk"
)

// diskSuffix ends the name of a machine's disk, after the machine's name and that of the disk in it.
const diskSuffix = ".qcow2"

var diskName = regexp.MustCompile(`\A[a-z]+\z`)

// ownerOf is the machine whose disk or seed a file or volume of that name is, if it is one.
func ownerOf(path string) (id string, ok bool) {
	path = filepath.Base(path)
	if id, ok := strings.CutSuffix(path, seedSuffix); ok {
		return id, machineID.MatchString(id)
	}
	name, ok := strings.CutSuffix(path, diskSuffix)
	if !ok {
		return "", false
	}
	id, disk, _ := strings.Cut(name, ".")
	return id, machineID.MatchString(id) && diskName.MatchString(disk)
}

// openPool is the pool of the settings, started if need be.
func (s *session) openPool(ctx context.Context) (libvirt.StoragePool, error) {
	name := s.settings.pool
	pool, err := get(ctx, s.link, func(l *libvirt.Libvirt) (libvirt.StoragePool, error) { return l.StoragePoolLookupByName(name) })
	if err != nil {
		return pool, err
	}
	active, err := get(ctx, s.link, func(l *libvirt.Libvirt) (int32, error) { return l.StoragePoolIsActive(pool) })
	if err != nil || active != 0 {
		return pool, err
	}
	err = s.link.do(ctx, func(l *libvirt.Libvirt) error { return l.StoragePoolCreate(pool, libvirt.StoragePoolCreateNormal) })
	if is(err, libvirt.ErrOperationInvalid) { // somebody else was faster
		return pool, nil
	}
	return pool, err
}

// needPool is openPool for what cannot be done without it.
func (s *session) needPool(ctx context.Context) (libvirt.StoragePool, error) {
	pool, err := s.openPool(ctx)
	if is(err, libvirt.ErrNoStoragePool) {
		return pool, refused(fmt.Sprintf("pool: there is no storage pool %s on %s; define one with: virsh pool-define-as %[1]s dir --target FOLDER",
			s.settings.pool, s.settings.endpoint))
	}
	return pool, err
}

// refresh lets libvirt look at what others have put into the pool or taken out of it. While a disk is being made it does not.
func (s *session) refresh(ctx context.Context, pool libvirt.StoragePool) error {
	err := s.link.do(ctx, func(l *libvirt.Libvirt) error { return l.StoragePoolRefresh(pool, 0) })
	if _, busy := asLibvirt(err); busy {
		s.log.Debug("pool was not refreshed", "pool", pool.Name, "err", err)
		return nil
	}
	return err
}

// volumes are those of the pool.
func (s *session) volumes(ctx context.Context, pool libvirt.StoragePool) ([]libvirt.StorageVol, error) {
	return get(ctx, s.link, func(l *libvirt.Libvirt) ([]libvirt.StorageVol, error) {
		vols, _, err := l.StoragePoolListAllVolumes(pool, 1, 0)
		return vols, err
	})
}

// makeDisk makes the copy of an image's disk that a machine writes to, and gives its path. It holds what differs.
func (s *session) makeDisk(ctx context.Context, pool libvirt.StoragePool, id string, d disk) (string, error) {
	description, err := (&libvirtxml.StorageVolume{
		Name:     id + "." + d.target + diskSuffix,
		Capacity: &libvirtxml.StorageVolumeSize{Unit: "bytes", Value: d.capacity},
		// The version of qcow2 since 2011; libvirt makes the one before, for it wants to be understood.
		Target: &libvirtxml.StorageVolumeTarget{Format: &libvirtxml.StorageVolumeTargetFormat{Type: "qcow2"}, Compat: "1.1"},
		BackingStore: &libvirtxml.StorageVolumeBackingStore{
			Path: d.path, Format: &libvirtxml.StorageVolumeTargetFormat{Type: d.format},
		},
	}).Marshal()
	if err != nil {
		return "", err
	}
	path, err := change(ctx, s.link, func(l *libvirt.Libvirt) (string, error) {
		vol, err := l.StorageVolCreateXML(pool, description, 0)
		if err != nil {
			return "", err
		}
		return l.StorageVolGetPath(vol)
	})
	return path, s.isFull(pool, err)
}

// isFull is err, in words of ours if it says that there is no room for a volume.
func (s *session) isFull(pool libvirt.StoragePool, err error) error {
	if err != nil && strings.Contains(err.Error(), "No space left") {
		return refused(fmt.Sprintf("make a disk: the storage pool %s on %s is full", pool.Name, s.settings.endpoint))
	}
	return err
}

// removeDisks removes a machine's disks: those that it names, and those in the pool that have its name, for a machine that
// was not finished names none. A pool that is gone has taken its disks along.
func (s *session) removeDisks(ctx context.Context, id string, named []string) error {
	for _, path := range named {
		vol, err := get(ctx, s.link, func(l *libvirt.Libvirt) (libvirt.StorageVol, error) { return l.StorageVolLookupByPath(path) })
		if err == nil {
			err = s.removeVolume(ctx, vol)
		}
		if err != nil && !is(err, libvirt.ErrNoStorageVol) {
			return err
		}
	}
	pool, err := s.openPool(ctx)
	if is(err, libvirt.ErrNoStoragePool) {
		s.log.Warn("storage pool is gone, and with it any disk of the machine", "pool", s.settings.pool, "machine", id)
		return nil
	}
	if err != nil {
		return err
	}
	return s.removeLeftovers(ctx, pool, id)
}

// removeLeftovers removes the disks in the pool that have the machine's name.
func (s *session) removeLeftovers(ctx context.Context, pool libvirt.StoragePool, id string) error {
	vols, err := s.volumes(ctx, pool)
	if err != nil {
		return err
	}
	for _, vol := range vols {
		if owner, ok := ownerOf(vol.Name); ok && owner == id {
			if err := s.removeVolume(ctx, vol); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeVolume removes a volume. That its file is gone already is a success.
func (s *session) removeVolume(ctx context.Context, vol libvirt.StorageVol) error {
	err := s.link.do(ctx, func(l *libvirt.Libvirt) error { return l.StorageVolDelete(vol, libvirt.StorageVolDeleteNormal) })
	if is(err, libvirt.ErrOperationInvalid) {
		return &sdk.Error{Code: sdk.Busy, Text: "remove disk " + vol.Name + ": " + err.Error(), Retryable: true} // it is still being made
	}
	if _, said := asLibvirt(err); !said || is(err, libvirt.ErrNoStorageVol) {
		return ignore(err, libvirt.ErrNoStorageVol)
	}
	pool, found := get(ctx, s.link, func(l *libvirt.Libvirt) (libvirt.StoragePool, error) { return l.StoragePoolLookupByName(vol.Pool) })
	if found != nil {
		return err
	}
	if refreshed := s.refresh(ctx, pool); refreshed != nil {
		return refreshed
	}
	_, still := get(ctx, s.link, func(l *libvirt.Libvirt) (libvirt.StorageVol, error) { return l.StorageVolLookupByName(pool, vol.Name) })
	if is(still, libvirt.ErrNoStorageVol) {
		return nil
	}
	return err
}
