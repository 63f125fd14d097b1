package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
)

// read asks for the whole running configuration, which is one command however many ports there are, and for more only
// where it is silent: on ports without lines, and on trunks that do not name their VLANs.
func read(ctx context.Context, run cli.Run, ports []string, _ cli.Settings) ([]cli.Port, error) {
	text, err := run(ctx, "show running-config")
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(text)
	if err != nil {
		return nil, unclear(err)
	}
	r := &reader{config: c, run: run, habits: plausible(c.trunks())}
	ports, err = r.existing(ctx, ports)
	if err != nil {
		return nil, err
	}
	found := make([]cli.Port, 0, len(ports))
	for _, name := range ports {
		port, err := r.port(ctx, name)
		if err != nil {
			return nil, err
		}
		found = append(found, port)
	}
	return found, nil
}

// reader is one look at the switch.
type reader struct {
	config
	run cli.Run
	// habits are those that the firmware may have, after what has been seen so far.
	habits []habit
}

// trunks are all ports that can be read, whatever their mode: each tells something of the firmware's habit.
func (c config) trunks() []*portConfig {
	var ports []*portConfig
	for name, lines := range c.blocks {
		if p, err := parsePort(name, lines); err == nil {
			ports = append(ports, p)
		}
	}
	return ports
}

// existing are those of ports that the device has, or all of them. One without lines may be there on its factory
// settings or not at all.
func (r *reader) existing(ctx context.Context, ports []string) ([]string, error) {
	ports = slices.SortedFunc(slices.Values(ports), compareNames)
	silent := func(port string) bool { return r.blocks[port] == nil }
	if len(ports) > 0 && !slices.ContainsFunc(ports, silent) {
		return ports, nil
	}
	text, err := r.run(ctx, "show interfaces status")
	if err != nil {
		return nil, err
	}
	listed, err := parseStatus(text)
	if err != nil {
		return nil, unclear(err)
	}
	if len(ports) == 0 {
		return listed, nil
	}
	absent := func(port string) bool { return silent(port) && !slices.Contains(listed, port) }
	return slices.DeleteFunc(ports, absent), nil
}

// port is one that exists.
func (r *reader) port(ctx context.Context, name string) (cli.Port, error) {
	p, err := parsePort(name, r.blocks[name])
	if err != nil {
		return cli.Port{}, unclear(err)
	}
	p.Exist = r.vlans
	if p.Mode == cli.Trunk {
		p.Allowed, err = r.letThrough(ctx, p)
		// Whether the untagged frames then go anywhere is not known of a 55xx.
		p.Doubtful = p.Native != 0 && !p.Allowed.Has(p.Native)
	}
	return p.Port, err
}

// letThrough is what a trunk lets through. The device is asked only if its lines can be read in several ways.
func (r *reader) letThrough(ctx context.Context, p *portConfig) (cli.VLANs, error) {
	if list, agreed := union(p, r.habits); agreed {
		return list, nil
	}
	text, err := r.run(ctx, "show interfaces switchport "+p.Name)
	if err != nil {
		return cli.VLANs{}, err
	}
	enabled, err := parseEnabled(p.Name, text)
	if err != nil {
		return cli.VLANs{}, unclear(fmt.Errorf("show interfaces switchport %s: %w", p.Name, err))
	}
	if some := confirmed(p, r.habits, enabled, r.vlans); len(some) > 0 {
		r.habits = some
		list, _ := union(p, some)
		return list, nil
	}
	return enabled, nil
}

// unclear is the error of an answer that was cut off, or that has a form the driver does not know. The first mends
// itself.
func unclear(err error) error {
	return &sdk.Error{Code: sdk.Internal, Text: err.Error(), Retryable: true}
}
