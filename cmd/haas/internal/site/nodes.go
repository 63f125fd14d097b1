package site

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"slices"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

// nodes adds nodes, their NICs, cables and metadata.
func (p *planner) nodes(ctx context.Context) error {
	names, err := remote.Read[[]string](p.server.NodeList(ctx, "all", nil))
	if err != nil {
		return err
	}
	for _, n := range p.site.Nodes {
		var has client.Node
		if slices.Contains(names, n.Name.Text) {
			if has, err = remote.Read[client.Node](p.server.NodeShow(ctx, n.Name.Text)); err != nil {
				return err
			}
		}
		if err := p.compareNode(ctx, n, has); err != nil {
			return err
		}
	}
	return nil
}

// compareNode compares with what the server has, which has no name if it has nothing.
func (p *planner) compareNode(ctx context.Context, n Node, has client.Node) error {
	switch {
	case has.Name == "" && n.OBM == nil:
		p.conflict(n.Name, "node %s is not on the server; add its obm, with type and settings, to the file", n.Name)
		return nil
	case has.Name == "":
		p.add(func(ctx context.Context) error { return p.registerNode(ctx, n) }, "node %s (%s)", n.Name, n.OBM.Type)
	}
	for _, nic := range n.NICs {
		if err := p.compareNIC(ctx, n, nic, has); err != nil {
			return err
		}
	}
	p.compareMetadata(n, has)
	return nil
}

func (p *planner) registerNode(ctx context.Context, n Node) error {
	obm, err := device(remote.OBM, n.OBM.Type, n.OBM.Settings)
	if err != nil {
		return err
	}
	return p.register(map[string]any{"obm": obm}, func(body io.Reader) error {
		return remote.Done(p.server.NodeRegisterWithBody(ctx, n.Name.Text, jsonType, body))
	})
}

func (p *planner) compareNIC(ctx context.Context, n Node, nic NIC, node client.Node) error {
	i := slices.IndexFunc(node.Nics, func(has client.NIC) bool { return has.Label == nic.Name.Text })
	if i < 0 {
		p.add(func(ctx context.Context) error {
			mac := client.NICRegistration{Macaddr: nic.MAC.Text}
			return remote.Done(p.server.NodeRegisterNIC(ctx, n.Name.Text, nic.Name.Text, mac))
		}, "node %s NIC %s (%s)", n.Name, nic.Name, nic.MAC)
		return p.compareCable(ctx, n, nic, client.NIC{})
	}
	has := node.Nics[i]
	if !sameMAC(nic.MAC.Text, has.Macaddr) {
		p.conflict(nic.MAC, "NIC %s of node %s has the MAC address %s on the server; mend the file, or delete the NIC first",
			nic.Name, n.Name, has.Macaddr)
	}
	return p.compareCable(ctx, n, nic, has)
}

func sameMAC(a, b string) bool {
	one, err := net.ParseMAC(a)
	return err == nil && one.String() == b
}

func (p *planner) compareCable(ctx context.Context, n Node, nic NIC, has client.NIC) error {
	if nic.Port.IsZero() {
		return nil
	}
	if has.Switch != nil && has.Port != nil {
		if *has.Switch != nic.Switch.Text || *has.Port != nic.Port.Text {
			p.conflict(nic.Port, "NIC %s of node %s is cabled to switch %s, port %s on the server; mend the file, or first: haas port detach-nic %[3]s %[4]s",
				nic.Name, n.Name, *has.Switch, *has.Port)
		}
		return nil
	}
	p.add(func(ctx context.Context) error {
		end := client.PortConnection{Node: n.Name.Text, NIC: nic.Name.Text}
		return remote.Done(p.server.PortConnectNIC(ctx, nic.Switch.Text, nic.Port.Text, end))
	}, "cable from node %s NIC %s to switch %s port %s", n.Name, nic.Name, nic.Switch, nic.Port)
	return p.portFree(ctx, nic)
}

// portFree objects if another NIC is cabled to the port. A port that is still to be registered is free.
func (p *planner) portFree(ctx context.Context, nic NIC) error {
	port, err := remote.Read[client.Port](p.server.PortShow(ctx, nic.Switch.Text, nic.Port.Text))
	if notFound(err) {
		return nil
	}
	if err == nil && port.Node != nil && port.NIC != nil {
		p.conflict(nic.Port, "switch %s, port %s is cabled to node %s, NIC %s on the server; mend the file, or first: haas port detach-nic %[1]s %[2]s",
			nic.Switch, nic.Port, *port.Node, *port.NIC)
	}
	return err
}

// compareMetadata adds notes, and replaces those that say something else.
func (p *planner) compareMetadata(n Node, has client.Node) {
	for _, label := range slices.Sorted(maps.Keys(n.Metadata)) {
		value := n.Metadata[label]
		if old, found := has.Metadata[label]; found && sameJSON(old, value) {
			continue
		}
		p.add(func(ctx context.Context) error {
			return p.register(client.MetadataValue{Value: value}, func(body io.Reader) error {
				return remote.Done(p.server.NodeSetMetadataWithBody(ctx, n.Name.Text, label, jsonType, body))
			})
		}, "node %s metadata %s", n.Name, label)
	}
}

// sameJSON compares a JSON text with a value, taking numbers for equal that are.
func sameJSON(old string, value any) bool {
	content, err := json.Marshal(value)
	if err != nil {
		return false
	}
	var a, b any
	if json.Unmarshal([]byte(old), &a) != nil || json.Unmarshal(content, &b) != nil {
		return false
	}
	one, _ := json.Marshal(a)
	other, _ := json.Marshal(b)
	return string(one) == string(other)
}
