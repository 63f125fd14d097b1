package main

import (
	"context"
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
		card, err := m.card(nic.Label)
		if err != nil {
			return err
		}
		if err := s.replug(ctx, m, card, nic.VLAN); err != nil {
			return err
		}
		return s.tidy(ctx)
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
func (s *session) replug(ctx context.Context, m *machine, card *libvirtxml.DomainInterface, vlan int) error {
	done, err := take(ctx, s.driver.bridging) // until the machine is known to need its bridge
	if err != nil {
		return err
	}
	defer done()
	if err := s.network.prepare(ctx, []int{vlan}); err != nil {
		return err
	}
	s.network.plug(card, vlan)
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
