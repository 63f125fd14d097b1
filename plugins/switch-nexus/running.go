package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
)

// parseRunning reads what "show running-config interface" prints:
//
//	!Command: show running-config interface Ethernet1/17
//	!Time: Mon Dec  4 20:00:19 2017
//
//	version 6.0(2)A1(1c)
//
//	interface Ethernet1/17
//	  switchport mode trunk
//	  switchport trunk allowed vlan 18,20,23-24,29
//
// It gives the Ethernet ports in the order of the text. A text without this frame, or without the empty line that ends
// it, is none.
func parseRunning(text string, dummy int) ([]cli.Port, error) {
	head, sections, err := cut(text)
	if err != nil {
		return nil, err
	}
	if err := checkHead(head); err != nil {
		return nil, err
	}
	var ports []cli.Port
	for _, s := range sections {
		if name, err := canonicalPort(s.name); err != nil || name != s.name {
			continue
		}
		port, err := parsePort(s, dummy)
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	return ports, checkOnce(ports)
}

// isWhole reports whether the empty line is there that ends an answer.
func isWhole(text string) bool { return strings.HasSuffix(text, "\n\n") }

// section is what stands under "interface Ethernet1/17".
type section struct {
	name  string
	lines []string
}

// cut parts the head from the sections.
func cut(text string) (head []string, sections []section, err error) {
	if !isWhole(text) {
		return nil, nil, errors.New("it ends too soon")
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		name, begins := strings.CutPrefix(line, "interface ")
		n := len(sections)
		switch {
		case begins:
			sections = append(sections, section{name: name})
		case n == 0:
			head = append(head, line)
		case strings.HasPrefix(line, " "):
			sections[n-1].lines = append(sections[n-1].lines, strings.TrimSpace(line))
		case line != "":
			return nil, nil, fmt.Errorf("%q belongs to no port", line)
		}
	}
	return head, sections, nil
}

func checkHead(head []string) error {
	var command, version bool
	for _, line := range head {
		switch {
		case strings.HasPrefix(line, "!Command: "+showPorts):
			command = true
		case strings.HasPrefix(line, "version "):
			version = command
		case line != "" && !strings.HasPrefix(line, "!"):
			return fmt.Errorf("%q is not of its head", line)
		}
	}
	if !version {
		return errors.New("its head is missing")
	}
	return nil
}

func checkOnce(ports []cli.Port) error {
	seen := make(map[string]bool, len(ports))
	for _, p := range ports {
		if seen[p.Name] {
			return fmt.Errorf("it has %s twice", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}
