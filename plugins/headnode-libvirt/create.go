package main

import (
	"context"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// cleaning is how long removing what a failed Create has left may take, even if the caller has given up.
const cleaning = 30 * time.Second

// Create makes a machine. Its description is the last thing that is made of it, so one that libvirt knows is whole. One that
// is not, because a Create or a Delete was cut off, is made anew.
func (s *session) Create(ctx context.Context, spec headnode.Spec) error {
	return s.create(ctx, spec, nil)
}

// create makes a machine, with a seed if there is one.
func (s *session) create(ctx context.Context, spec headnode.Spec, seed *headnode.Seed) error {
	if err := checkNICs(spec.NICs); err != nil {
		return err
	}
	return s.inTurn(ctx, "create", spec.ID, func() error {
		whole, err := s.isWhole(ctx, spec.ID)
		if err != nil || whole {
			return err
		}
		i, err := s.image(ctx, spec.Image)
		if err != nil {
			return err
		}
		if err := s.remove(ctx, spec.ID); err != nil {
			return err
		}
		err = s.make(ctx, spec, i, seed)
		if err != nil {
			s.undo(ctx, spec.ID, err)
		}
		return err
	})
}

// isWhole reports that there is such a machine, with all its disks. One that runs has them.
func (s *session) isWhole(ctx context.Context, id string) (bool, error) {
	m, err := s.find(ctx, id)
	if is(err, libvirt.ErrNoDomain) {
		return false, nil
	}
	if sdk.CodeOf(err) == sdk.NotFound {
		return false, refused(err.Error())
	}
	if err != nil || m.running() {
		return err == nil, err
	}
	for _, path := range m.files() {
		_, err := get(ctx, s.link, func(l *libvirt.Libvirt) (libvirt.StorageVol, error) { return l.StorageVolLookupByPath(path) })
		if is(err, libvirt.ErrNoStorageVol) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

func (s *session) make(ctx context.Context, spec headnode.Spec, i *image, seed *headnode.Seed) error {
	pool, err := s.needPool(ctx)
	if err != nil {
		return err
	}
	paths := map[string]string{} // of the machine's disks by their names in it
	for _, d := range i.disks {
		if paths[d.target], err = s.makeDisk(ctx, pool, spec.ID, d); err != nil {
			return err
		}
	}
	planned := s.plan(spec, i, paths)
	if seed != nil {
		path, err := s.makeSeed(ctx, pool, spec.ID, *seed)
		if err != nil {
			return err
		}
		planned.Devices.Disks = append(planned.Devices.Disks, seedDisk(path, planned.Devices.Disks))
	}
	description, err := planned.Marshal()
	if err != nil {
		return err
	}
	done, err := take(ctx, s.driver.bridging) // until the machine is known to need its bridges
	if err != nil {
		return err
	}
	defer done()
	if err := s.network.prepare(ctx, vlansOf(spec)); err != nil {
		return err
	}
	return s.link.do(ctx, func(l *libvirt.Libvirt) error {
		_, err := l.DomainDefineXMLFlags(description, libvirt.DomainDefineValidate)
		return err
	})
}

// undo removes what a Create has left that failed, whatever has become of its caller. What cannot be removed now, Delete or
// the next Create removes.
func (s *session) undo(ctx context.Context, id string, why error) {
	if isLost(why) {
		return // there is nobody to tell
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
	defer cancel()
	if err := s.remove(ctx, id); err != nil {
		s.log.Warn("remains of a machine are left", "machine", id, "err", err)
	}
}

// vlansOf are the VLANs of a machine that is to be made, 0 if a card is unplugged.
func vlansOf(spec headnode.Spec) []int {
	vlans := make([]int, 0, len(spec.NICs))
	for _, n := range spec.NICs {
		vlans = append(vlans, n.VLAN)
	}
	return vlans
}
