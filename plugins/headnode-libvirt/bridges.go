package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"libvirt.org/go/libvirtxml"
)

const (
	// bridgePrefix begins the name of the bridge of a VLAN, as it did with the predecessor.
	bridgePrefix = "br-vlan"
	// ours is the group that all links belong to that HaaS has made, which they are given in the moment they are made: the
	// letters HaaS as a number. No other link is ever removed.
	ours = 0x48616153
	// longestLink is what the kernel takes as a name.
	longestLink = 15
)

// links are those of the host's kernel.
type links = *netlink.Handle

// openLinks asks for what is needed and no more: some kernels lack the rest.
func openLinks() (links, error) { return netlink.NewHandle(unix.NETLINK_ROUTE) }

// bridges plugs cards into Linux bridges, one for each VLAN, that are joined to the trunk by its sub-interface for that
// VLAN. They are made when they are needed. A bridge that exists is taken as it is.
type bridges struct{ *session }

func bridgeOf(vlan int) string { return bridgePrefix + strconv.Itoa(vlan) }

// stemOf is the trunk's sub-interface for a VLAN, under one of the two names that are customary.
func stemOf(trunk string, vlan int) string {
	if name := trunk + "." + strconv.Itoa(vlan); len(name) <= longestLink {
		return name
	}
	return "vlan" + strconv.Itoa(vlan)
}

func (n bridges) plug(card *libvirtxml.DomainInterface, vlan int) {
	card.Source = &libvirtxml.DomainInterfaceSource{Bridge: &libvirtxml.DomainInterfaceSourceBridge{Bridge: bridgeOf(vlan)}}
	setCarrier(card, vlan)
}

// vlanOfBridge is the VLAN that a bridge of that name is for.
func vlanOfBridge(name string) (vlan int, ok bool) {
	digits, ok := strings.CutPrefix(name, bridgePrefix)
	vlan, err := strconv.Atoi(digits)
	return vlan, ok && err == nil && vlan >= 0 && vlan <= maxVLAN
}

func bridgeOfCard(card libvirtxml.DomainInterface) string {
	if card.Source == nil || card.Source.Bridge == nil {
		return ""
	}
	return card.Source.Bridge.Bridge
}

func (bridges) vlan(card libvirtxml.DomainInterface) int {
	vlan, _ := vlanOfBridge(bridgeOfCard(card))
	return vlan
}

// prepare makes the bridges that there are not. On another machine nothing can be made, so there they must exist.
func (n bridges) prepare(ctx context.Context, vlans []int) error {
	vlans = slices.Compact(slices.Sorted(slices.Values(vlans)))
	if !n.settings.endpoint.local() {
		for _, vlan := range vlans {
			if err := n.needLink(ctx, "network", bridgeOf(vlan), "make it there, with: haas create_bridges"); err != nil {
				return err
			}
		}
		return nil
	}
	h, err := n.driver.links()
	if err != nil {
		return fmt.Errorf("open the kernel's list of links: %w", err)
	}
	defer h.Close()
	var made []int
	for _, vlan := range vlans {
		absent, err := n.isAbsent(h, vlan)
		if absent {
			made = append(made, vlan)
		}
		if err == nil {
			err = n.ensure(h, vlan)
		}
		if err != nil {
			return errors.Join(err, n.dismantle(h, made))
		}
	}
	return nil
}

// isAbsent reports that there is no bridge for a VLAN.
func (bridges) isAbsent(h links, vlan int) (bool, error) {
	_, err := h.LinkByName(bridgeOf(vlan))
	if isAbsent(err) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for bridge %s: %w", bridgeOf(vlan), err)
	}
	return false, nil
}

// ensure makes the bridge of a VLAN, and what is missing of one that HaaS has made.
func (n bridges) ensure(h links, vlan int) error {
	bridge, err := n.add(h, &netlink.Bridge{LinkAttrs: attributes(bridgeOf(vlan))})
	if err != nil {
		return err
	}
	if bridge.Type() != "bridge" {
		return refused(fmt.Sprintf("the link %s of the host is no bridge; remove it, or give it another name", bridgeOf(vlan)))
	}
	if bridge.Attrs().Group != ours {
		return nil
	}
	if vlan != 0 {
		if err := n.addStem(h, bridge, vlan); err != nil {
			return err
		}
	}
	return up(h, bridge)
}

// addStem joins the bridge of a VLAN to the trunk.
func (n bridges) addStem(h links, bridge netlink.Link, vlan int) error {
	trunk, err := h.LinkByName(n.settings.trunk)
	if err != nil && isAbsent(err) {
		return refused(fmt.Sprintf("trunk_nic: there is no NIC %q on the host", n.settings.trunk))
	}
	if err != nil {
		return fmt.Errorf("look for NIC %s: %w", n.settings.trunk, err)
	}
	a := attributes(stemOf(n.settings.trunk, vlan))
	a.ParentIndex = trunk.Attrs().Index
	stem, err := n.add(h, &netlink.Vlan{LinkAttrs: a, VlanId: vlan, VlanProtocol: netlink.VLAN_PROTOCOL_8021Q})
	if errors.Is(err, unix.EOPNOTSUPP) {
		return refused("the host's kernel has no VLANs; load the module 8021q")
	}
	if err != nil {
		return err
	}
	if v, ok := stem.(*netlink.Vlan); !ok || v.VlanId != vlan || v.Attrs().ParentIndex != trunk.Attrs().Index {
		return refused(fmt.Sprintf("the link %s of the host is not VLAN %d of %s; remove it, or give it another name", a.Name, vlan, n.settings.trunk))
	}
	if m := stem.Attrs().MasterIndex; m != 0 && m != bridge.Attrs().Index {
		return refused(fmt.Sprintf("the link %s of the host belongs to another bridge than %s", a.Name, bridgeOf(vlan)))
	}
	if err := h.LinkSetMaster(stem, bridge); err != nil {
		return fmt.Errorf("join %s and %s: %w", a.Name, bridgeOf(vlan), err)
	}
	return up(h, stem)
}

// attributes are those of a link of ours.
func attributes(name string) netlink.LinkAttrs {
	a := netlink.NewLinkAttrs()
	a.Name, a.Group = name, ours
	return a
}

// add makes a link unless one of that name exists, and gives the one that does.
func (bridges) add(h links, link netlink.Link) (netlink.Link, error) {
	name := link.Attrs().Name
	if err := h.LinkAdd(link); err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, fmt.Errorf("make the link %s: %w", name, err)
	}
	made, err := h.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("make the link %s: %w", name, err)
	}
	return made, nil
}

// up lets a link carry frames. The host itself takes no part in a project's network, so the link gets no address.
func up(h links, link netlink.Link) error {
	if err := h.LinkSetIP6AddrGenMode(link, nl6AddrGenModeNone); err != nil && !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EAFNOSUPPORT) {
		return fmt.Errorf("keep %s from having an address: %w", link.Attrs().Name, err)
	}
	if err := h.LinkSetUp(link); err != nil {
		return fmt.Errorf("turn %s on: %w", link.Attrs().Name, err)
	}
	return nil
}

// nl6AddrGenModeNone is the kernel's IN6_ADDR_GEN_MODE_NONE.
const nl6AddrGenModeNone = 1

func isAbsent(err error) bool {
	_, ok := errors.AsType[netlink.LinkNotFoundError](err)
	return ok
}

// tidy removes the bridges that HaaS has made and no machine needs, whether it runs or not.
func (n bridges) tidy(ctx context.Context) error {
	if !n.settings.endpoint.local() {
		return nil
	}
	needed, err := n.needed(ctx)
	if err != nil {
		return err
	}
	h, err := n.driver.links()
	if err != nil {
		return fmt.Errorf("open the kernel's list of links: %w", err)
	}
	defer h.Close()
	all, err := h.LinkList()
	if err != nil {
		return fmt.Errorf("list the host's links: %w", err)
	}
	var vlans []int
	for _, l := range all {
		if vlan, ok := n.vlanOf(l); ok && !needed[vlan] {
			vlans = append(vlans, vlan)
		}
	}
	return n.dismantle(h, vlans)
}

// needed are the VLANs whose bridges machines are plugged into, whoever made them.
func (n bridges) needed(ctx context.Context) (map[int]bool, error) {
	all, err := n.all(ctx)
	if err != nil {
		return nil, err
	}
	needed := map[int]bool{}
	for _, m := range all {
		for _, card := range m.cards() {
			if vlan, ok := vlanOfBridge(bridgeOfCard(card)); ok {
				needed[vlan] = true
			}
		}
	}
	return needed, nil
}

// vlanOf is the VLAN that HaaS has made the link for, if it has.
func (n bridges) vlanOf(l netlink.Link) (vlan int, ok bool) {
	if l.Attrs().Group != ours {
		return 0, false
	}
	if v, ok := l.(*netlink.Vlan); ok {
		return v.VlanId, true
	}
	return vlanOfBridge(l.Attrs().Name)
}

// dismantle removes what HaaS has made for the VLANs, unless something is plugged in that HaaS has not made.
func (n bridges) dismantle(h links, vlans []int) error {
	all, err := h.LinkList()
	if err != nil {
		return fmt.Errorf("list the host's links: %w", err)
	}
	for _, vlan := range vlans {
		if n.occupied(all, vlan) {
			continue
		}
		for _, l := range all {
			if v, ok := n.vlanOf(l); ok && v == vlan {
				if err := h.LinkDel(l); err != nil && !errors.Is(err, unix.ENODEV) {
					return fmt.Errorf("remove the link %s: %w", l.Attrs().Name, err)
				}
			}
		}
	}
	return nil
}

// occupied reports that somebody else's link is plugged into the bridge of a VLAN.
func (n bridges) occupied(all []netlink.Link, vlan int) bool {
	bridge := slices.IndexFunc(all, func(l netlink.Link) bool { return l.Attrs().Name == bridgeOf(vlan) })
	if bridge < 0 {
		return false
	}
	return slices.ContainsFunc(all, func(l netlink.Link) bool {
		return l.Attrs().MasterIndex == all[bridge].Attrs().Index && l.Attrs().Group != ours
	})
}
