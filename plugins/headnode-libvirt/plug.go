package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/digitalocean/go-libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// Plug moves a card to another VLAN. The machine sees that the cable was pulled or put in, and no more.
func (s *session) Plug(ctx context.Context, id string, nic headnode.NIC) error {
	if err := checkNICs([]headnode.NIC{nic}); err != nil {
		return err
	}
	return s.inTurn(ctx, "plug card "+nic.Label+" of", id, func() error {
		m, err := s.find(ctx, id)
		if err != nil {
			return err
		}
		return errors.Join(s.replug(ctx, m, nic), s.tidy(ctx)) // what was made for a card that stays where it is goes, too
	})
}

// card is the machine's card of that name.
func (m *machine) card(label string) (*libvirtxml.DomainInterface, error) {
	address := macOf(m.Name, label)
	for _, card := range m.cards() {
		if card.MAC != nil && card.MAC.Address == address {
			return &card, nil
		}
	}
	return nil, &sdk.Error{Code: sdk.NotFound, Text: fmt.Sprintf("machine %s has no card %q", m.Name, label)}
}

// replug moves a card of a machine, and of what will run when it is started again.
func (s *session) replug(ctx context.Context, m *machine, nic headnode.NIC) error {
	done, err := take(ctx, s.driver.bridging) // until the machine is known to need its bridge
	if err != nil {
		return err
	}
	defer done()
	if err := s.network.prepare(ctx, []int{nic.VLAN}); err != nil {
		return err
	}
	if err := s.moveCard(ctx, m, nic); err != nil || m.running() {
		return err
	}
	if err := s.forgetSaved(ctx, m, nic); err != nil {
		return err
	}
	// A driver beside another server may have started it before the card was moved.
	now, err := s.describe(ctx, m.Domain)
	if err != nil || !now.running() {
		return err
	}
	return s.moveCard(ctx, now, nic)
}

// moveCard changes a machine as it was seen to be: one that did not run only for its next start.
func (s *session) moveCard(ctx context.Context, m *machine, nic headnode.NIC) error {
	card, err := m.card(nic.Label)
	if err != nil {
		return err
	}
	s.network.plug(card, nic.VLAN)
	description, err := card.Marshal()
	if err != nil {
		return err
	}
	flags := libvirt.DomainDeviceModifyConfig
	if m.running() {
		flags |= libvirt.DomainDeviceModifyLive
	}
	return s.link.do(ctx, func(l *libvirt.Libvirt) error { return l.DomainUpdateDeviceFlags(m.Domain, description, flags) })
}

// forgetSaved removes the state in which a machine was saved, as a host may do with its machines when it is shut down, if the
// card stands elsewhere in it: there the machine would be back. So it boots, as after a power cut.
func (s *session) forgetSaved(ctx context.Context, m *machine, nic headnode.NIC) error {
	saved, err := s.saved(ctx, m)
	if err != nil || saved == nil {
		return err
	}
	if card, err := saved.card(nic.Label); err == nil && s.network.vlan(*card) == nic.VLAN {
		return nil
	}
	s.log.Warn("saved state is removed, for a card has moved", "machine", m.Name, "nic", nic.Label)
	return s.link.do(ctx, func(l *libvirt.Libvirt) error { return l.DomainManagedSaveRemove(m.Domain, 0) })
}

// saved is a machine that does not run as it was when it was saved, nil if it was not.
func (s *session) saved(ctx context.Context, m *machine) (*machine, error) {
	text, err := get(ctx, s.link, func(l *libvirt.Libvirt) (string, error) { return l.DomainManagedSaveGetXMLDesc(m.Domain, 0) })
	if is(err, libvirt.ErrOperationInvalid) {
		return nil, nil //nolint:nilnil // most were not.
	}
	if err != nil {
		return nil, err
	}
	saved := &machine{Domain: m.Domain}
	if err := saved.now.Unmarshal(text); err != nil {
		return nil, fmt.Errorf("understand the saved description of %s: %w", m.Name, err)
	}
	return saved, nil
}
