package main

import (
	"context"

	"github.com/digitalocean/go-libvirt"

	"github.com/CCI-MOC/haas/sdk"
)

// Delete removes the machine and all that was made for it, whatever of it there is.
func (s *session) Delete(ctx context.Context, id string) error {
	return s.inTurn(ctx, "delete", id, func() error { return s.remove(ctx, id) })
}

// remove removes first what the machine's description tells of, and last the description, so that what is cut off can be
// repeated. One that has the name and no mark is not ours to remove, and may be ours nevertheless, on the VLANs of its cards: so
// it does not count as gone.
func (s *session) remove(ctx context.Context, id string) error {
	m, err := s.find(ctx, id)
	switch {
	case is(err, libvirt.ErrNoDomain):
		m = nil
	case sdk.CodeOf(err) == sdk.NotFound:
		return refused(sdk.AsError(err).Text + "; undefine or rename it if it is not needed")
	case err != nil:
		return err
	}
	var named []string
	if m != nil {
		if err := s.halt(ctx, m); err != nil {
			return err
		}
		named = m.files()
	}
	if err := s.removeDisks(ctx, id, named); err != nil {
		return err
	}
	if m != nil {
		if err := s.undefine(ctx, m); err != nil {
			return err
		}
	}
	return s.tidy(ctx)
}

// halt makes sure that the machine does not run.
func (s *session) halt(ctx context.Context, m *machine) error {
	if !m.running() {
		return nil
	}
	return s.destroy(ctx, m)
}

func (s *session) destroy(ctx context.Context, m *machine) error {
	err := s.link.do(ctx, func(l *libvirt.Libvirt) error { return l.DomainDestroy(m.Domain) })
	return ignore(err, libvirt.ErrOperationInvalid, libvirt.ErrNoDomain) // it has ended by itself
}

// everything is what libvirt may keep of a machine beside its description.
const everything = libvirt.DomainUndefineManagedSave | libvirt.DomainUndefineSnapshotsMetadata |
	libvirt.DomainUndefineCheckpointsMetadata | libvirt.DomainUndefineNvram

// undefine removes the machine's description. One that libvirt has started since it was seen, as it does when the host has
// booted, would run on without.
func (s *session) undefine(ctx context.Context, m *machine) error {
	err := s.link.do(ctx, func(l *libvirt.Libvirt) error { return l.DomainUndefineFlags(m.Domain, everything) })
	if err := ignore(err, libvirt.ErrNoDomain); err != nil {
		return err
	}
	return s.destroy(ctx, m)
}
