package site

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

// header tells a reader what a server does not give away.
const header = `# A HaaS site, as "haas site export" wrote it. The server gives away no passwords, and so no settings of drivers:
# before this file is imported where a switch or node does not exist yet, add to the switch its settings, and to the
# node its obm:
#
#   switches: [{name: s1, type: mock, settings: {hostname: ..., username: ..., password: ...}}]
#   nodes: [{name: n1, obm: {type: ipmi, settings: {host: ..., user: ..., password: ...}}}]
`

// Format is the site as a file.
func Format(s *Site) ([]byte, error) {
	content := bytes.NewBufferString(header)
	e := yaml.NewEncoder(content)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(s), e.Close()); err != nil {
		return nil, fmt.Errorf("write the site: %w", err)
	}
	return content.Bytes(), nil
}

// Export reads the site of a server: what Compare would find nothing missing of.
func Export(ctx context.Context, server *remote.Server) (*Site, error) {
	var s Site
	for _, part := range []func(context.Context, *remote.Server) error{s.readSwitches, s.readNodes, s.readNetworks} {
		if err := part(ctx, server); err != nil {
			return nil, err
		}
	}
	projects, err := remote.Read[[]string](server.ProjectList(ctx, nil))
	s.Projects = texts(projects)
	return &s, err
}

func (s *Site) readSwitches(ctx context.Context, server *remote.Server) error {
	names, err := remote.Read[[]string](server.SwitchList(ctx))
	if err != nil {
		return err
	}
	for _, name := range names {
		sw, err := remote.Read[client.Switch](server.SwitchShow(ctx, name))
		if err != nil {
			return err
		}
		one := Switch{Name: text(name), Type: remote.Switch.Word(sw.Type)}
		for _, port := range sw.Ports {
			one.Ports = append(one.Ports, text(port.Label))
		}
		s.Switches = append(s.Switches, one)
	}
	return nil
}

func (s *Site) readNodes(ctx context.Context, server *remote.Server) error {
	names, err := remote.Read[[]string](server.NodeList(ctx, "all", nil))
	if err != nil {
		return err
	}
	for _, name := range names {
		n, err := remote.Read[client.Node](server.NodeShow(ctx, name))
		if err != nil {
			return err
		}
		one := Node{Name: text(name), NICs: nics(n)}
		if one.Metadata, err = metadata(n); err != nil {
			return err
		}
		s.Nodes = append(s.Nodes, one)
	}
	return nil
}

func nics(n client.Node) []NIC {
	var all []NIC
	for _, has := range n.Nics {
		nic := NIC{Name: text(has.Label), MAC: text(has.Macaddr)}
		if has.Switch != nil && has.Port != nil {
			nic.Switch, nic.Port = text(*has.Switch), text(*has.Port)
		}
		all = append(all, nic)
	}
	return all
}

// metadata are the notes as values: the API gives them as JSON texts.
func metadata(n client.Node) (map[string]any, error) {
	values := map[string]any{}
	for label, content := range n.Metadata {
		var value any
		d := json.NewDecoder(strings.NewReader(content))
		d.UseNumber()
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("read metadata %s of node %s: %w", label, n.Name, err)
		}
		values[label] = plain(value)
	}
	return values, nil
}

// plain turns the numbers of JSON into those of YAML, which tells 64 from 64.0.
func plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		f, _ := v.Float64() // too large is infinite, and no number of JSON's is
		return f
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = plain(v[key])
		}
	}
	return value
}

func (s *Site) readNetworks(ctx context.Context, server *remote.Server) error {
	all, err := remote.Read[map[string]client.NetworkSummary](server.NetworkList(ctx))
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		n, err := remote.Read[client.Network](server.NetworkShow(ctx, name))
		if err != nil {
			return err
		}
		s.Networks = append(s.Networks, networkOf(n, all[name].NetworkID))
	}
	return nil
}

// networkOf keeps the VLAN of an administrator's network: only theirs can be chosen.
func networkOf(n client.Network, netID string) Network {
	one := Network{Name: text(n.Name), Owner: text(n.Owner), Public: n.Access == nil}
	if n.Access != nil {
		one.Access = texts(*n.Access)
	}
	if n.Owner == administrator {
		one.NetID = text(netID)
	}
	return one
}
