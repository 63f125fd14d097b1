package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
)

// config is what the driver takes from a running configuration.
type config struct {
	// vlans are those that exist.
	vlans cli.VLANs
	// blocks are the lines of each port that has any; a port on its factory settings has none.
	blocks map[string][]string
}

// block is what stands between "interface gigabitethernet1/0/5" and the "!" or "exit" that closes it.
type block struct {
	header string
	lines  []string
}

// isInterface tells a block of ports and the like from one of VLANs.
func (b block) isInterface() bool { return strings.HasPrefix(b.header, "interface ") }

// parseConfig reads the answer to "show running-config". One that was cut off is an error, never a port without lines.
func parseConfig(text string) (config, error) {
	blocks, err := splitBlocks(text)
	if err != nil {
		return config{}, err
	}
	c := config{vlans: cli.VLANsOf(1), blocks: map[string][]string{}}
	for _, b := range blocks {
		if err := c.take(b); err != nil {
			return config{}, err
		}
	}
	return c, nil
}

// splitBlocks finds the blocks of VLANs and of interfaces, each of which must be closed. What stands outside is not
// for this driver.
func splitBlocks(text string) ([]block, error) {
	var blocks []block
	open := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		words := strings.TrimSpace(line)
		opens := line == "vlan database" || strings.HasPrefix(line, "interface ")
		switch {
		case opens && open:
			return nil, fmt.Errorf("the running configuration does not close %q", blocks[len(blocks)-1].header)
		case opens:
			blocks, open = append(blocks, block{header: line}), true
		case line == "!" || line == "exit":
			open = false
		case strings.HasPrefix(words, "switchport ") && !open:
			return nil, fmt.Errorf("the running configuration has %q outside of an interface", words)
		case open && words != "" && words[0] != '!': // else a remark, as "!next command is internal."
			last := &blocks[len(blocks)-1]
			last.lines = append(last.lines, words)
		}
	}
	if open || strings.TrimSpace(text) == "" {
		return nil, errors.New("the running configuration was cut off")
	}
	return blocks, nil
}

// headerForm is what the header of an interface of any kind looks like.
var headerForm = regexp.MustCompile(`^interface (?:range )?[a-zA-Z][a-zA-Z0-9 ,/-]*$`)

// take adds a block. A port may stand in several, as in a range and alone.
func (c *config) take(b block) error {
	if !b.isInterface() {
		return c.takeVLANs(b.lines)
	}
	if !headerForm.MatchString(b.header) {
		return fmt.Errorf("running configuration: %q is garbled", b.header)
	}
	ports, err := portsOf(strings.TrimPrefix(b.header, "interface "))
	if err != nil {
		return fmt.Errorf("running configuration: %w", err)
	}
	for _, port := range ports {
		c.blocks[port] = append(c.blocks[port], b.lines...)
	}
	return nil
}

func (c *config) takeVLANs(lines []string) error {
	for _, line := range lines {
		list, ok := strings.CutPrefix(line, "vlan ")
		if !ok {
			continue
		}
		vlans, err := cli.ParseVLANs(list)
		if err != nil {
			return fmt.Errorf("running configuration, VLAN database: %w", err)
		}
		c.vlans = c.vlans.Plus(vlans)
	}
	return nil
}
