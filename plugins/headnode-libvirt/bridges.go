package main

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/sdk/headnode/bridges"
)

// linuxBridges plugs cards into Linux bridges, one for each VLAN, that are joined to the trunk by its sub-interface for that
// VLAN. They are made when they are needed. A bridge that exists is taken as it is.
type linuxBridges struct{ *session }

func (n linuxBridges) plug(card *libvirtxml.DomainInterface, vlan int) {
	card.Source = &libvirtxml.DomainInterfaceSource{Bridge: &libvirtxml.DomainInterfaceSourceBridge{Bridge: bridges.Name(vlan)}}
	setCarrier(card, vlan)
}

func bridgeOfCard(card libvirtxml.DomainInterface) string {
	if card.Source == nil || card.Source.Bridge == nil {
		return ""
	}
	return card.Source.Bridge.Bridge
}

func (linuxBridges) vlan(card libvirtxml.DomainInterface) int {
	vlan, _ := bridges.VLAN(bridgeOfCard(card))
	return vlan
}

// prepare makes the bridges that there are not. On another machine nothing can be made, so there they must exist, and so must
// they where the driver does not run as root.
func (n linuxBridges) prepare(ctx context.Context, vlans []int) error {
	vlans = slices.Compact(slices.Sorted(slices.Values(vlans)))
	if !n.settings.endpoint.local() {
		for _, vlan := range vlans {
			if err := n.needLink(ctx, "network", bridges.Name(vlan), "make it there, with: haas create_bridges"); err != nil {
				return err
			}
		}
		return nil
	}
	h, err := n.driver.bridges(n.settings.trunk)
	if err != nil {
		return err
	}
	defer h.Close()
	return forRoot(h.Need(ctx, vlans))
}

// tidy removes the bridges that were made when they were needed and that no machine needs any more, whether it runs or not.
func (n linuxBridges) tidy(ctx context.Context) error {
	if !n.settings.endpoint.local() {
		return nil
	}
	needed, err := n.needed(ctx)
	if err != nil {
		return err
	}
	h, err := n.driver.bridges(n.settings.trunk)
	if err != nil {
		return err
	}
	defer h.Close()
	return forRoot(h.Tidy(needed))
}

// forRoot tells who may do what failed.
func forRoot(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return refused("network: " + err.Error() + "; only root may: run haas create_bridges as root on the host")
	}
	return err
}

// needed are the VLANs whose bridges machines are plugged into, whoever made them.
func (n linuxBridges) needed(ctx context.Context) (map[int]bool, error) {
	all, err := n.all(ctx)
	if err != nil {
		return nil, err
	}
	needed := map[int]bool{}
	for _, m := range all {
		for _, card := range m.cards() {
			if vlan, ok := bridges.VLAN(bridgeOfCard(card)); ok {
				needed[vlan] = true
			}
		}
	}
	return needed, nil
}
