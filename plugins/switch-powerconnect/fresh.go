package main

import (
	"slices"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
)

// habit is what a firmware lets a trunk carry that was told nothing. The lines of a trunk tell only what differs from
// that, so they cannot be read without knowing it, and accounts of the 55xx differ.
type habit int

const (
	freshNone habit = iota
	freshOne
	freshNative
	freshAll
)

func habits() []habit { return []habit{freshNone, freshOne, freshNative, freshAll} }

// list is what a fresh trunk lets through.
func (h habit) list(native int) cli.VLANs {
	switch h {
	case freshOne:
		return cli.VLANsOf(1)
	case freshNative:
		return cli.VLANsOf(native)
	case freshAll:
		return cli.AllVLANs()
	default:
		return cli.VLANs{}
	}
}

// under is what the trunk lets through if the firmware has the habit, and whether it would write the lines that way: it
// adds nothing that is there, and removes nothing that is not.
func (p *portConfig) under(h habit) (list cli.VLANs, plausible bool) {
	list, plausible = h.list(p.trunkNative), true
	for _, c := range p.trunk {
		after := c.apply(list)
		if c.verb == "add" || c.verb == "remove" {
			plausible = plausible && list.Minus(after).Plus(after.Minus(list)) == c.list
		}
		list = after
	}
	return list, plausible
}

// plausible are the habits that agree with all of ports.
func plausible(ports []*portConfig) []habit {
	return slices.DeleteFunc(habits(), func(h habit) bool {
		return slices.ContainsFunc(ports, func(p *portConfig) bool {
			_, ok := p.under(h)
			return !ok
		})
	})
}

// union is what a trunk lets through under any of some habits, and whether they agree on it.
func union(p *portConfig, some []habit) (list cli.VLANs, agreed bool) {
	for i, h := range some {
		one, _ := p.under(h)
		agreed = i == 0 || agreed && one == list
		list = list.Plus(one)
	}
	return list, agreed
}

// confirmed are the habits under which the device would say that the trunk lets these VLANs through. It may leave those
// out that do not exist.
func confirmed(p *portConfig, some []habit, enabled, exist cli.VLANs) []habit {
	return slices.DeleteFunc(slices.Clone(some), func(h habit) bool {
		list, _ := p.under(h)
		return list != enabled && list.Minus(list.Minus(exist)) != enabled
	})
}
