package main

import (
	"context"
	"fmt"

	"github.com/digitalocean/go-libvirt"
	"libvirt.org/go/libvirtxml"
)

// maxVLAN is the highest number of a VLAN.
const maxVLAN = 4094

// network is the way a host's machines stand on VLANs. VLAN 0 is that of cards that are unplugged: their link is down, and
// what they are plugged into goes nowhere.
type network interface {
	// prepare makes sure that cards can be plugged into the VLANs. What it makes it removes again if it fails.
	prepare(ctx context.Context, vlans []int) error
	// plug plugs a card into a VLAN.
	plug(card *libvirtxml.DomainInterface, vlan int)
	// vlan is where a card is plugged in, 0 if nowhere.
	vlan(card libvirtxml.DomainInterface) int
	// tidy removes what prepare has made and no machine needs any more.
	tidy(ctx context.Context) error
}

// plugging is the network of the settings.
func (s *session) plugging() network {
	if s.settings.network == viaOpenVSwitch {
		return openVSwitch{s}
	}
	return linuxBridges{s}
}

// vlans are those that the machine's cards are plugged into.
func (m *machine) vlans(n network) []int {
	var vlans []int
	for _, card := range m.cards() {
		vlans = append(vlans, n.vlan(card))
	}
	return vlans
}

// setCarrier lets a card see whether it is plugged in.
func setCarrier(card *libvirtxml.DomainInterface, vlan int) {
	state := "up"
	if vlan == 0 {
		state = "down"
	}
	card.Link = &libvirtxml.DomainInterfaceLink{State: state}
}

// needLink is an error if the host has no link of that name. Where libvirt cannot say, it says so when a machine starts.
func (s *session) needLink(ctx context.Context, field, name, remedy string) error {
	_, err := get(ctx, s.link, func(l *libvirt.Libvirt) (libvirt.Interface, error) { return l.InterfaceLookupByName(name) })
	if is(err, libvirt.ErrNoInterface) {
		return refused(fmt.Sprintf("%s: there is no link %q on %s; %s", field, name, s.settings.endpoint, remedy))
	}
	if e, said := asLibvirt(err); said {
		s.log.Debug("libvirt does not know the links of its host", "link", name, "err", e)
		return nil
	}
	return err
}

// nowhere is the VLAN of unplugged ports. Nobody else may have it.
const nowhere = 4095

// openVSwitch plugs cards into ports of a bridge of Open vSwitch, which libvirt makes when the machine starts, each with its
// tag from the beginning, and removes when it stops.
type openVSwitch struct{ *session }

func (n openVSwitch) prepare(ctx context.Context, _ []int) error {
	return n.needLink(ctx, "bridge", n.settings.bridge, "make one with: ovs-vsctl add-br "+n.settings.bridge)
}

func (n openVSwitch) plug(card *libvirtxml.DomainInterface, vlan int) {
	tag := vlan
	if vlan == 0 {
		tag = nowhere
	}
	card.Source = &libvirtxml.DomainInterfaceSource{Bridge: &libvirtxml.DomainInterfaceSourceBridge{Bridge: n.settings.bridge}}
	card.VLan = &libvirtxml.DomainInterfaceVLan{Tags: []libvirtxml.DomainInterfaceVLanTag{{ID: uint(tag)}}}
	if card.VirtualPort == nil {
		card.VirtualPort = &libvirtxml.DomainInterfaceVirtualPort{
			Params: &libvirtxml.DomainInterfaceVirtualPortParams{OpenVSwitch: &libvirtxml.DomainInterfaceVirtualPortParamsOpenVSwitch{}},
		}
	}
	setCarrier(card, vlan)
}

func (openVSwitch) vlan(card libvirtxml.DomainInterface) int {
	if card.VLan == nil || len(card.VLan.Tags) != 1 || card.VLan.Tags[0].ID == nowhere {
		return 0
	}
	return int(card.VLan.Tags[0].ID)
}

// tidy has nothing to do: the ports are gone with the machine.
func (openVSwitch) tidy(context.Context) error { return nil }
