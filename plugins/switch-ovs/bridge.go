package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/internal/ovsdb"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// bridge is the registered bridge at one moment.
type bridge struct {
	name  string
	ports map[string]port
	// outputs are the ports that mirrors send copies to.
	outputs []ovsdb.UUID
}

// port is a row of the table Port.
type port struct {
	vlanColumns

	UUID ovsdb.UUID `json:"_uuid"`
	Name string     `json:"name"`
	Fake bool       `json:"fake_bridge"`
}

// bridgeQuery asks for what parseBridge reads.
func bridgeQuery(name string) []ovsdb.Operation {
	return []ovsdb.Operation{
		ovsdb.Select("Bridge", []string{"ports", "controller"}, ovsdb.Is("name", name)),
		ovsdb.Select("Port", []string{"_uuid", "name", "fake_bridge", "vlan_mode", "tag", "trunks", "cvlans", "protected"}),
		ovsdb.Select("Mirror", []string{"output_port"}),
	}
}

// parseBridge reads the answers to bridgeQuery. A port is the bridge's if the bridge says so: labels are no proof.
func parseBridge(name string, answers []ovsdb.Result) (*bridge, error) {
	var bridges []struct {
		Ports       ovsdb.Set[ovsdb.UUID] `json:"ports"`
		Controllers ovsdb.Set[ovsdb.UUID] `json:"controller"`
	}
	var ports []port
	var mirrors []struct {
		Output ovsdb.Set[ovsdb.UUID] `json:"output_port"`
	}
	for i, rows := range []any{&bridges, &ports, &mirrors} {
		if err := answers[i].Decode(rows); err != nil {
			return nil, err
		}
	}
	if len(bridges) != 1 {
		return nil, &sdk.Error{Code: sdk.NotFound, Text: fmt.Sprintf("ovs_bridge: Open vSwitch has no bridge %q", name)}
	}
	if len(bridges[0].Controllers) > 0 {
		return nil, &sdk.Error{Code: sdk.Refused, Text: fmt.Sprintf(
			"bridge %s has an OpenFlow controller, which decides about VLANs in the place of its ports' configuration; remove it with: ovs-vsctl del-controller %[1]s", name)}
	}
	b := &bridge{name: name, ports: map[string]port{}}
	for _, p := range ports {
		if slices.Contains(bridges[0].Ports, p.UUID) {
			b.ports[p.Name] = p
		}
	}
	for _, m := range mirrors {
		b.outputs = append(b.outputs, m.Output...)
	}
	return b, nil
}

// port is a port of the bridge.
func (b *bridge) port(name string) (port, *sdk.Error) {
	p, ok := b.ports[name]
	if !ok {
		return p, notFound(b.name, name)
	}
	return p, nil
}

func notFound(bridge, port string) *sdk.Error {
	return &sdk.Error{Code: sdk.NotFound, Text: fmt.Sprintf("bridge %s has no port %q", bridge, port)}
}

// switchport is a port that may be configured.
func (b *bridge) switchport(name string) (port, *sdk.Error) {
	p, err := b.port(name)
	if err != nil {
		return p, err
	}
	if why := b.foreign(p); why != "" {
		return p, &sdk.Error{Code: sdk.Refused, Text: fmt.Sprintf("port %s of bridge %s %s, and is left alone", name, b.name, why)}
	}
	return p, nil
}

// foreign is why a port must not be configured, empty if it may be.
func (b *bridge) foreign(p port) string {
	switch {
	case p.Name == b.name:
		return "is the bridge itself, through which its host takes part"
	case p.Fake:
		return "is a fake bridge"
	case slices.Contains(b.outputs, p.UUID):
		return "is the output of a mirror"
	default:
		return ""
	}
}

// state is what a port of the bridge carries. What is not a machine's may carry more than its columns tell, even if these
// are those of a closed port: the output of a mirror gets copies of what others send.
func (b *bridge) state(p port) netswitch.PortState {
	s := p.state(p.Name)
	if b.foreign(p) != "" {
		s.Up, s.Tagged = true, with(slices.Clone(s.Tagged), netswitch.Unknown)
	}
	return s
}

// switchports are the names of the ports that are a machine's, in alphabetical order: the database has none.
func (b *bridge) switchports() []string {
	names := slices.Sorted(maps.Keys(b.ports))
	return slices.DeleteFunc(names, func(n string) bool { return n == b.name || b.ports[n].Fake })
}
