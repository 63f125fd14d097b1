package drivers

import (
	"cmp"
	"context"
	"slices"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// Static has a Manager's accessors over drivers that live in this process. It is for tests.
type Static struct {
	// Switches, OBMs and Headnodes are the drivers; the first one that serves a type has it.
	Switches  []netswitch.Driver
	OBMs      []obm.Driver
	Headnodes []headnode.Driver
}

// Run waits for ctx to end.
func (s Static) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Ready is at once.
func (s Static) Ready(context.Context) error { return nil }

// Generation is always the same.
func (s Static) Generation() uint64 { return 1 }

// Switch gives the driver of switches of a type.
func (s Static) Switch(typeURL string) (netswitch.Driver, error) {
	return pick(s.Switches, netswitch.Kind, typeURL)
}

// OBM gives the driver of controllers of a type.
func (s Static) OBM(typeURL string) (obm.Driver, error) {
	return pick(s.OBMs, obm.Kind, typeURL)
}

// Headnode gives the driver of hosts of a type.
func (s Static) Headnode(typeURL string) (headnode.Driver, error) {
	return pick(s.Headnodes, headnode.Kind, typeURL)
}

// Types are the types of a kind that are served, sorted by URL.
func (s Static) Types(kind string) []sdk.Type {
	switch kind {
	case netswitch.Kind:
		return typesOf(s.Switches)
	case obm.Kind:
		return typesOf(s.OBMs)
	case headnode.Kind:
		return typesOf(s.Headnodes)
	default:
		return []sdk.Type{}
	}
}

// List is every driver, sorted by name.
func (s Static) List() []Status {
	all := slices.Concat(statusesOf(s.Switches, netswitch.Kind), statusesOf(s.OBMs, obm.Kind), statusesOf(s.Headnodes, headnode.Kind))
	slices.SortFunc(all, func(a, b Status) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// infoOf is the zero Info for a driver that cannot say who it is: it serves nothing.
func infoOf(d anyDriver) sdk.Info {
	info, err := d.Info(context.Background())
	if err != nil {
		return sdk.Info{}
	}
	return info
}

func pick[D anyDriver](drivers []D, kind, url string) (D, error) {
	for _, d := range drivers {
		if slices.ContainsFunc(infoOf(d).Types, func(t sdk.Type) bool { return t.URL == url }) {
			return d, nil
		}
	}
	var none D
	return none, unknownType(kind, url, typesOf(drivers))
}

func typesOf[D anyDriver](drivers []D) []sdk.Type {
	types := []sdk.Type{}
	for _, d := range drivers {
		types = append(types, infoOf(d).Types...)
	}
	slices.SortFunc(types, func(a, b sdk.Type) int { return cmp.Compare(a.URL, b.URL) })
	return types
}

func statusesOf[D anyDriver](drivers []D, kind string) []Status {
	var all []Status
	for _, d := range drivers {
		info := infoOf(d)
		s := Status{Name: info.Name, Kind: kind, Version: info.Version, Types: []string{}, State: Running}
		for _, t := range info.Types {
			s.Types = append(s.Types, t.URL)
		}
		all = append(all, s)
	}
	return all
}
