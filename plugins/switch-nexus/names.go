package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
)

// portName splits "Ethernet1/12", "ethernet 1/12", "e1/12" and "Eth101/1/1" into the word and the numbers, which have no
// zero in front: the switch would take it off, and one port would have two names.
var portName = regexp.MustCompile(`\A([A-Za-z]+) ?([1-9][0-9]{0,2}(?:/[1-9][0-9]{0,2}){1,2})\z`)

// kind is the only one of ports that machines are cabled to.
const kind = "Ethernet"

// canonicalPort is the device's own name of a port: "Ethernet1/12".
func canonicalPort(port string) (string, error) {
	m := portName.FindStringSubmatch(port)
	if m == nil || !strings.HasPrefix(strings.ToLower(kind), strings.ToLower(m[1])) {
		return "", &sdk.Error{Code: sdk.Invalid, Text: "port: must be named as Ethernet1/12, or Ethernet101/1/12 on a fabric extender; " +
			"port-channels and others cannot be given to a node"}
	}
	return kind + m[2], nil
}

// enterPorts is the line that enters ports together: "interface Ethernet1/1-4, Ethernet1/7".
func enterPorts(ports []string) string {
	var parts []string
	for i := 0; i < len(ports); {
		module, first := split(ports[i])
		last, next := first, i+1
		for next < len(ports) && ports[next] == module+strconv.Itoa(last+1) {
			last, next = last+1, next+1
		}
		part := ports[i]
		if last > first {
			part += "-" + strconv.Itoa(last)
		}
		parts, i = append(parts, part), next
	}
	return "interface " + strings.Join(parts, ", ")
}

// split cuts a device's own name before its last number.
func split(port string) (module string, number int) {
	cut := strings.LastIndex(port, "/") + 1
	number, err := strconv.Atoi(port[cut:])
	if err != nil {
		return port, 0
	}
	return port[:cut], number
}
