package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
)

// showPorts shows the running configuration of all ports or, followed by a name, of one.
const showPorts = "show running-config interface"

// read asks about one port by its name, and about several by asking about all. One that is not in the answer about all
// is asked for by name, so that only the switch's own words make a port absent.
func read(ctx context.Context, run cli.Run, names []string, set cli.Settings) ([]cli.Port, error) {
	if len(names) == 1 {
		return readOne(ctx, run, names[0], set)
	}
	ports, err := show(ctx, run, showPorts, set)
	if err != nil {
		return nil, err
	}
	if len(ports) == 0 {
		return nil, garbled(showPorts, "it has no port at all")
	}
	for _, name := range names {
		if slices.ContainsFunc(ports, named(name)) {
			continue
		}
		one, err := readOne(ctx, run, name, set)
		if err != nil {
			return nil, err
		}
		ports = append(ports, one...)
	}
	return ports, nil
}

// readOne gives no port if the switch says that it has none of the name.
func readOne(ctx context.Context, run cli.Run, name string, set cli.Settings) ([]cli.Port, error) {
	line := showPorts + " " + name
	ports, err := show(ctx, run, line, set)
	if sdk.CodeOf(err) == sdk.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(ports) != 1 || ports[0].Name != name {
		return nil, garbled(line, "it is not about that port")
	}
	return ports, nil
}

func show(ctx context.Context, run cli.Run, line string, set cli.Settings) ([]cli.Port, error) {
	text, err := run(ctx, line)
	if err == nil && !isWhole(text) {
		text, err = confirm(ctx, run, line, text)
	}
	if err != nil {
		return nil, err
	}
	ports, err := parseRunning(text, set.DummyVLAN)
	if err != nil {
		return nil, garbled(line, err.Error())
	}
	return ports, nil
}

// confirm asks again for an answer without the empty line at its end, which not every release may print: two equal ones
// were not cut off by accident.
func confirm(ctx context.Context, run cli.Run, line, text string) (string, error) {
	again, err := run(ctx, line)
	if err == nil && timeless(again) == timeless(text) {
		again += "\n"
	}
	return again, err
}

// timeless is an answer without the line that says when it was given.
func timeless(text string) string { return timeLine.ReplaceAllString(text, "") }

var timeLine = regexp.MustCompile(`(?m)^!Time: .*$`)

func named(name string) func(cli.Port) bool { return func(p cli.Port) bool { return p.Name == name } }

// garbled is about an answer that says nothing for sure. A second one may be whole.
func garbled(line, why string) error {
	return &sdk.Error{Code: sdk.Internal, Retryable: true, Text: fmt.Sprintf("the answer to %q cannot be believed: %s", line, why)}
}
