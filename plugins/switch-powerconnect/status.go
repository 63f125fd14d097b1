package main

import (
	"errors"
	"strings"
)

// parseStatus are the ports that "show interfaces status" lists, in its order. The port-channels follow in a table of
// their own; where that is missing the answer was cut off, perhaps amid the ports.
func parseStatus(text string) ([]string, error) {
	var ports []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		if port, err := canonicalPort(words[0]); err == nil {
			ports = append(ports, port)
		}
		if words[0] == "Ch" && len(ports) > 0 {
			return ports, nil
		}
	}
	return nil, errors.New("show interfaces status: the answer was cut off")
}
