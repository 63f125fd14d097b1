// Package bridges puts the VLANs of a host's trunk on Linux bridges, one for each VLAN, into which virtual machines are
// plugged: br-vlanN, joined to the trunk by its sub-interface for VLAN N, and br-vlan0, which leads nowhere, for cards that
// are unplugged. It is for the drivers of hypervisors on Linux, which need bridges one by one, and for "haas create_bridges",
// which makes all there may be. It plugs nothing in, and knows nothing of machines.
//
// What it makes is in a group of links of its own, and nothing else is ever removed. A bridge that exists is used as it is.
// Only root may make bridges; others can use those that there are.
package bridges

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/CCI-MOC/haas/sdk"
)

const (
	// Group is that of all links that HaaS has made, which they are given in the moment they are made: the letters HaaS as
	// a number. No other link is ever removed.
	Group = 0x48616153
	// prefix begins the name of the bridge of a VLAN, as it did with the predecessor.
	prefix = "br-vlan"
	// lasting is the alias of bridges that stay when no machine needs them.
	lasting = "made by haas create_bridges"
	// maxVLAN is the highest number of a VLAN.
	maxVLAN = 4094
	// longestLink is what the kernel takes as a name.
	longestLink = 15
)

// Name is the name of the bridge of a VLAN.
func Name(vlan int) string { return prefix + strconv.Itoa(vlan) }

// VLAN is the VLAN that a bridge of that name is for.
func VLAN(name string) (vlan int, ok bool) {
	digits, ok := strings.CutPrefix(name, prefix)
	vlan, err := strconv.Atoi(digits)
	return vlan, ok && err == nil && vlan >= 0 && vlan <= maxVLAN
}

// stemOf is the trunk's sub-interface for a VLAN, under one of the two names that are customary.
func stemOf(trunk string, vlan int) string {
	if name := trunk + "." + strconv.Itoa(vlan); len(name) <= longestLink {
		return name
	}
	return "vlan" + strconv.Itoa(vlan)
}

// Host is a host whose kernel has the bridges. Its calls must not be concurrent: what one has just made, another removes.
type Host struct {
	links *netlink.Handle
	trunk string
}

// Open reaches for the kernel of this machine, in the network namespace of the calling thread. The trunk is the NIC that
// carries the VLANs; Tidy and Remove need none.
func Open(trunk string) (*Host, error) {
	// No more is asked for than is needed: some kernels lack the rest.
	links, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open the kernel's list of links: %w", err)
	}
	return &Host{links: links, trunk: trunk}, nil
}

// Close lets go of the kernel.
func (h *Host) Close() { h.links.Close() }

// Need makes the bridges of the VLANs that there are not, until Tidy finds that no machine needs them. What it has made it
// removes again if it fails, or ctx ends. The error is an *sdk.Error where a person can help.
func (h *Host) Need(ctx context.Context, vlans []int) error {
	_, err := h.need(ctx, vlans)
	return err
}

// Keep is Need for bridges that stay until Remove, those included that Need has made. It tells which were not there before.
func (h *Host) Keep(ctx context.Context, vlans []int) (made []int, err error) {
	made, err = h.need(ctx, vlans)
	if err != nil {
		return nil, err
	}
	for _, vlan := range vlans {
		if err := h.keep(vlan); err != nil {
			return nil, errors.Join(err, h.dismantle(made))
		}
	}
	return made, nil
}

func (h *Host) need(ctx context.Context, vlans []int) (made []int, err error) {
	if err := h.checkTrunk(vlans); err != nil {
		return nil, err
	}
	for _, vlan := range vlans {
		absent, err := h.isAbsent(vlan)
		if absent {
			made = append(made, vlan)
		}
		if err == nil {
			err = h.ensure(vlan)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, errors.Join(err, h.dismantle(made))
		}
	}
	return made, nil
}

// checkTrunk refuses VLANs whose bridges HaaS has joined to another trunk, as it had one before. Joined to both they would be a
// loop, or join what was never to meet.
func (h *Host) checkTrunk(vlans []int) error {
	links, err := h.list()
	if err != nil {
		return err
	}
	wanted, names := map[int]bool{}, map[int]string{}
	for _, vlan := range vlans {
		wanted[vlan] = true
	}
	for _, l := range links {
		names[l.Attrs().Index] = l.Attrs().Name
	}
	for _, l := range links {
		vlan, ours := vlanOf(l)
		a := l.Attrs()
		if trunk := names[a.ParentIndex]; ours && wanted[vlan] && a.ParentIndex != 0 && a.MasterIndex != 0 && trunk != h.trunk {
			return refused("trunk_nic: the bridge %s of the host is joined to VLAN %d of %s, not of %s; stop the headnodes there, "+
				"and run: haas remove_bridges", names[a.MasterIndex], vlan, trunk, h.trunk)
		}
	}
	return nil
}

// isAbsent reports that there is no bridge for a VLAN.
func (h *Host) isAbsent(vlan int) (bool, error) {
	_, err := h.links.LinkByName(Name(vlan))
	if err != nil && !isAbsent(err) {
		return false, fmt.Errorf("look for bridge %s: %w", Name(vlan), err)
	}
	return err != nil, nil
}

func isAbsent(err error) bool {
	_, ok := errors.AsType[netlink.LinkNotFoundError](err)
	return ok
}

// ensure makes the bridge of a VLAN, and what is missing of one that HaaS has made.
func (h *Host) ensure(vlan int) error {
	bridge, err := h.add(&netlink.Bridge{LinkAttrs: attributes(Name(vlan))})
	if err != nil {
		return err
	}
	if bridge.Type() != "bridge" {
		return refused("the link %s of the host is no bridge; remove it, or give it another name", Name(vlan))
	}
	if bridge.Attrs().Group != Group {
		return nil
	}
	if vlan != 0 {
		if err := h.addStem(bridge, vlan); err != nil {
			return err
		}
	}
	return h.up(bridge)
}

// addStem joins the bridge of a VLAN to the trunk. The kernel makes both its NICs promiscuous, as long as they are joined.
func (h *Host) addStem(bridge netlink.Link, vlan int) error {
	trunk, err := h.findTrunk()
	if err != nil {
		return err
	}
	a := attributes(stemOf(h.trunk, vlan))
	a.ParentIndex = trunk.Attrs().Index
	stem, err := h.add(&netlink.Vlan{LinkAttrs: a, VlanId: vlan, VlanProtocol: netlink.VLAN_PROTOCOL_8021Q})
	if errors.Is(err, unix.EOPNOTSUPP) {
		return refused("the host's kernel has no VLANs; load the module 8021q")
	}
	if err != nil {
		return err
	}
	if v, ok := stem.(*netlink.Vlan); !ok || v.VlanId != vlan || v.Attrs().ParentIndex != trunk.Attrs().Index {
		return refused("the link %s of the host is not VLAN %d of %s; remove it, or give it another name", a.Name, vlan, h.trunk)
	}
	if m := stem.Attrs().MasterIndex; m != 0 && m != bridge.Attrs().Index {
		return refused("the link %s of the host belongs to another bridge than %s", a.Name, Name(vlan))
	}
	if stem.Attrs().MasterIndex == 0 {
		if err := h.links.LinkSetMaster(stem, bridge); err != nil {
			return fmt.Errorf("join %s and %s: %w", a.Name, Name(vlan), err)
		}
	}
	return h.up(stem)
}

// findTrunk is the trunk, which belongs to the host: turning it on is not for HaaS.
func (h *Host) findTrunk() (netlink.Link, error) {
	trunk, err := h.links.LinkByName(h.trunk)
	if err != nil && isAbsent(err) {
		return nil, refused("trunk_nic: there is no NIC %q on the host", h.trunk)
	}
	if err != nil {
		return nil, fmt.Errorf("look for NIC %s: %w", h.trunk, err)
	}
	if !isOn(trunk) {
		return nil, refused("trunk_nic: the NIC %q of the host is off; turn it on, with: ip link set %s up", h.trunk, h.trunk)
	}
	return trunk, nil
}

// attributes are those of a link of HaaS.
func attributes(name string) netlink.LinkAttrs {
	a := netlink.NewLinkAttrs()
	a.Name, a.Group = name, Group
	return a
}

// add makes a link unless one of that name exists, and gives the one that does.
func (h *Host) add(link netlink.Link) (netlink.Link, error) {
	name := link.Attrs().Name
	existing, err := h.links.LinkByName(name)
	if err == nil {
		return existing, nil
	}
	if !isAbsent(err) {
		return nil, fmt.Errorf("look for the link %s: %w", name, err)
	}
	if err := h.links.LinkAdd(link); err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, fmt.Errorf("make the link %s: %w", name, err)
	}
	made, err := h.links.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("make the link %s: %w", name, err)
	}
	return made, nil
}

// up lets a link carry frames. Whoever may change no links takes one that is on as it is.
func (h *Host) up(link netlink.Link) error {
	err := h.turnOn(link)
	if errors.Is(err, unix.EPERM) && isOn(link) {
		return nil
	}
	return err
}

func isOn(link netlink.Link) bool { return link.Attrs().RawFlags&unix.IFF_UP != 0 }

// turnOn is up. The host itself takes no part in a project's network, so the link gets no address.
func (h *Host) turnOn(link netlink.Link) error {
	if err := h.links.LinkSetIP6AddrGenMode(link, nl6AddrGenModeNone); err != nil && !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EAFNOSUPPORT) {
		return fmt.Errorf("keep %s from having an address: %w", link.Attrs().Name, err)
	}
	if err := h.links.LinkSetUp(link); err != nil {
		return fmt.Errorf("turn %s on: %w", link.Attrs().Name, err)
	}
	return nil
}

// nl6AddrGenModeNone is the kernel's IN6_ADDR_GEN_MODE_NONE.
const nl6AddrGenModeNone = 1

// keep gives the bridge of a VLAN its alias, if HaaS has made it.
func (h *Host) keep(vlan int) error {
	bridge, err := h.links.LinkByName(Name(vlan))
	if err == nil && bridge.Attrs().Group == Group && bridge.Attrs().Alias != lasting {
		err = h.links.LinkSetAlias(bridge, lasting)
	}
	if err != nil {
		return fmt.Errorf("keep the bridge %s: %w", Name(vlan), err)
	}
	return nil
}

// refused is an error that tells a person what to do.
func refused(format string, args ...any) error {
	return &sdk.Error{Code: sdk.Refused, Text: fmt.Sprintf(format, args...)}
}
