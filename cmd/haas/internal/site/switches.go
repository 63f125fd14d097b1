package site

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

const jsonType = "application/json"

// switches adds switches and ports: those listed, and those that NICs are cabled to.
func (p *planner) switches(ctx context.Context) error {
	names, err := remote.Read[[]string](p.server.SwitchList(ctx))
	if err != nil {
		return err
	}
	for _, s := range p.wanted() {
		var has client.Switch
		if slices.Contains(names, s.Name.Text) {
			if has, err = remote.Read[client.Switch](p.server.SwitchShow(ctx, s.Name.Text)); err != nil {
				return err
			}
		}
		p.compareSwitch(s, has)
	}
	return nil
}

// wanted are the site's switches with all their ports, and the switches that only NICs mention.
func (p *planner) wanted() []Switch {
	all := slices.Clone(p.site.Switches)
	for i := range all {
		all[i].Ports = slices.Clone(all[i].Ports)
	}
	for _, n := range p.site.Nodes {
		for _, nic := range n.NICs {
			if !nic.Switch.IsZero() {
				all = withPort(all, nic)
			}
		}
	}
	return all
}

func withPort(all []Switch, nic NIC) []Switch {
	i := slices.IndexFunc(all, func(s Switch) bool { return s.Name.Text == nic.Switch.Text })
	if i < 0 {
		return append(all, Switch{Name: nic.Switch, Ports: []Label{nic.Port}})
	}
	if !slices.ContainsFunc(all[i].Ports, func(l Label) bool { return l.Text == nic.Port.Text }) {
		all[i].Ports = append(all[i].Ports, nic.Port)
	}
	return all
}

// compareSwitch compares with what the server has, which has no name if it has nothing.
func (p *planner) compareSwitch(s Switch, has client.Switch) {
	url := remote.Switch.URL(s.Type)
	switch {
	case has.Name == "" && s.Type == "":
		p.conflict(s.Name, "switch %s is not on the server; add its type and settings to the file", s.Name)
		return
	case has.Name == "":
		p.add(func(ctx context.Context) error { return p.registerSwitch(ctx, s) }, "switch %s (%s)", s.Name, remote.Switch.Word(url))
	case s.Type != "" && has.Type != url:
		p.conflict(s.Name, "switch %s is of type %s on the server; mend the file, or delete the switch first", s.Name, has.Type)
		return
	}
	for _, port := range s.Ports {
		if slices.ContainsFunc(has.Ports, func(h client.SwitchPort) bool { return h.Label == port.Text }) {
			continue
		}
		p.add(func(ctx context.Context) error {
			return remote.Done(p.server.SwitchRegisterPort(ctx, s.Name.Text, port.Text))
		}, "switch %s port %s", s.Name, port)
	}
}

func (p *planner) registerSwitch(ctx context.Context, s Switch) error {
	body, err := device(remote.Switch, s.Type, s.Settings)
	if err != nil {
		return err
	}
	return p.register(body, func(body io.Reader) error {
		return remote.Done(p.server.SwitchRegisterWithBody(ctx, s.Name.Text, jsonType, body))
	})
}

// device is the registration of one: its type and its settings beside it.
func device(kind remote.Kind, name string, settings map[string]any) (map[string]any, error) {
	if _, twice := settings["type"]; twice {
		return nil, errors.New("type is no setting; write it beside settings")
	}
	body := maps.Clone(settings)
	if body == nil {
		body = map[string]any{}
	}
	body["type"] = kind.URL(name)
	return body, nil
}

func (p *planner) register(body any, send func(io.Reader) error) error {
	content, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("the settings cannot be written as JSON: %w", err)
	}
	return send(bytes.NewReader(content))
}
