package bridges

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Tidy removes the bridges that Need has made, but for those of the VLANs that machines need, whether they run or not, and
// those into which something is plugged that HaaS has not made.
func (h *Host) Tidy(needed map[int]bool) error {
	all, err := h.inventory()
	if err != nil {
		return err
	}
	for vlan, v := range all {
		if !v.lasts && !v.occupied && !needed[vlan] {
			if err := h.remove(v.ours); err != nil {
				return err
			}
		}
	}
	return nil
}

// Remove removes all bridges that HaaS has made, those that were to be kept included, and tells which VLANs' they were. The
// bridges of the VLANs that are in use stay: something is plugged in that HaaS has not made, such as a machine that runs.
func (h *Host) Remove() (removed, inUse []int, err error) {
	all, err := h.inventory()
	if err != nil {
		return nil, nil, err
	}
	for _, vlan := range slices.Sorted(maps.Keys(all)) {
		v := all[vlan]
		switch {
		case len(v.ours) == 0:
		case v.occupied:
			inUse = append(inUse, vlan)
		default:
			if err := h.remove(v.ours); err != nil {
				return removed, inUse, err
			}
			removed = append(removed, vlan)
		}
	}
	return removed, inUse, nil
}

// dismantle removes what HaaS has made for the VLANs, unless something is plugged in meanwhile.
func (h *Host) dismantle(vlans []int) error {
	if len(vlans) == 0 {
		return nil
	}
	all, err := h.inventory()
	if err != nil {
		return err
	}
	for _, vlan := range vlans {
		if v := all[vlan]; v != nil && !v.occupied {
			if err := h.remove(v.ours); err != nil {
				return err
			}
		}
	}
	return nil
}

// wiring is what there is on the host for one VLAN.
type wiring struct {
	// ours are the links that HaaS has made.
	ours []netlink.Link
	// occupied says that somebody else's link is plugged into the bridge.
	occupied bool
	// lasts says that the bridge stays when no machine needs it.
	lasts bool
}

// inventory is what there is on the host, by VLAN.
func (h *Host) inventory() (map[int]*wiring, error) {
	links, err := h.list()
	if err != nil {
		return nil, err
	}
	all, byBridge := map[int]*wiring{}, map[int]*wiring{}
	of := func(vlan int) *wiring {
		if all[vlan] == nil {
			all[vlan] = &wiring{}
		}
		return all[vlan]
	}
	for _, l := range links {
		if vlan, ok := VLAN(l.Attrs().Name); ok {
			byBridge[l.Attrs().Index] = of(vlan)
			of(vlan).lasts = l.Attrs().Alias == lasting
		}
		if vlan, ok := vlanOf(l); ok {
			of(vlan).ours = append(of(vlan).ours, l)
		}
	}
	for _, l := range links {
		if v := byBridge[l.Attrs().MasterIndex]; v != nil && l.Attrs().Group != Group {
			v.occupied = true
		}
	}
	return all, nil
}

// list gives all links. The kernel says if they have changed while it told of them.
func (h *Host) list() (links []netlink.Link, err error) {
	const attempts = 10 // each is a moment, and machines start seldom
	for range attempts {
		links, err = h.links.LinkList()
		if !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("list the host's links: %w", err)
	}
	return links, nil
}

// vlanOf is the VLAN that HaaS has made the link for, if it has.
func vlanOf(l netlink.Link) (vlan int, ok bool) {
	if l.Attrs().Group != Group {
		return 0, false
	}
	if v, ok := l.(*netlink.Vlan); ok {
		return v.VlanId, true
	}
	return VLAN(l.Attrs().Name)
}

func (h *Host) remove(links []netlink.Link) error {
	for _, l := range links {
		if err := h.links.LinkDel(l); err != nil && !errors.Is(err, unix.ENODEV) {
			return fmt.Errorf("remove the link %s: %w", l.Attrs().Name, err)
		}
	}
	return nil
}
