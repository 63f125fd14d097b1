package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
)

// enabledLabel stands before the VLANs a trunk lets through: first those that exist, then, on further lines, the
// others, marked as inactive once at their end.
var enabledLabel = regexp.MustCompile(`^Trunking (?:Mode )?VLANs(?: Enabled)?$`)

// parseEnabled reads, in the answer to "show interfaces switchport", what the trunk lets through. The answer has a first
// and a last label; without both it was cut off, and is an error.
func parseEnabled(port, text string) (cli.VLANs, error) {
	var name string
	var lists []string
	inside, ended := false, false
	for line := range strings.Lines(text) {
		label, value, labelled := cutLabel(line)
		if labelled {
			inside = enabledLabel.MatchString(label)
			ended = label == "Classification rules"
		}
		if label == "Name" {
			name = value
		}
		if inside {
			lists = append(lists, value)
		}
	}
	if own, err := canonicalPort(name); err != nil || own != port || !ended {
		return cli.VLANs{}, errors.New("the answer was cut off")
	}
	return parseActivity(lists)
}

// cutLabel parts a line at its label; a line without one goes on with the value of the line before.
func cutLabel(line string) (label, value string, labelled bool) {
	label, value, labelled = strings.Cut(line, ":")
	if !labelled {
		return "", strings.TrimSpace(line), false
	}
	return strings.TrimSpace(label), strings.TrimSpace(value), true
}

// parseActivity joins the lines of a list of VLANs, whether they are active or not.
func parseActivity(lists []string) (cli.VLANs, error) {
	var all cli.VLANs
	if len(lists) == 0 {
		return all, errors.New("it does not say which VLANs the trunk lets through")
	}
	for _, list := range lists {
		list = strings.Trim(strings.ReplaceAll(list, "(Inactive)", ""), ", ")
		if list == "" || strings.EqualFold(list, "none") {
			continue
		}
		vlans, err := cli.ParseVLANs(list)
		if err != nil {
			return cli.VLANs{}, fmt.Errorf("VLANs of the trunk: %w", err)
		}
		all = all.Plus(vlans)
	}
	return all, nil
}
