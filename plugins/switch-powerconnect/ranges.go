package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// portsOf are the ports that the words behind "interface" name: one, or a range as "range gi1/0/1-4,te1/0/1". VLANs,
// port-channels and whatever else has no switchport that the server may register are none.
func portsOf(words string) ([]string, error) {
	list, isRange := strings.CutPrefix(words, "range ")
	if !isRange {
		if port, err := canonicalPort(words); err == nil {
			return []string{port}, nil
		}
		return nil, nil
	}
	var ports []string
	for part := range strings.SplitSeq(list, ",") {
		more, err := expand(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		ports = append(ports, more...)
	}
	return ports, nil
}

// expand are the ports of one part of a range: "gi1/0/1-4".
func expand(part string) ([]string, error) {
	name, last, isRange := strings.Cut(part, "-")
	first, err := canonicalPort(name)
	if err != nil {
		return nil, nil // a port-channel, say
	}
	if !isRange {
		return []string{first}, nil
	}
	slash := strings.LastIndex(first, "/") + 1
	from, _ := strconv.Atoi(first[slash:]) // canonicalPort has read it
	to, err := strconv.ParseUint(last, 10, 8)
	if err != nil || int(to) < from {
		return nil, fmt.Errorf("%q is no range of ports", part)
	}
	var ports []string
	for n := from; n <= int(to); n++ {
		ports = append(ports, first[:slash]+strconv.Itoa(n))
	}
	return ports, nil
}

// interfaceWidth is what a line leaves behind a prompt with a long host name, see longestHost.
const interfaceWidth = width - longestHost - len("(config-if-range)#")

// interfaceLine enters ports, neighbours as ranges: "interface range gi1/0/1-4,te1/0/1".
func interfaceLine(ports []string) string {
	if len(ports) == 1 {
		return "interface " + ports[0]
	}
	return "interface range " + strings.Join(collapse(ports), ",")
}

// collapse joins each port to the one before it if they are neighbours.
func collapse(ports []string) []string {
	var parts []string
	var start, before string
	var last int
	for _, port := range ports {
		slash := strings.LastIndex(port, "/") + 1
		n, _ := strconv.Atoi(port[slash:]) // the device's own name
		if len(parts) > 0 && port[:slash] == before && n == last+1 {
			parts[len(parts)-1] = start + "-" + port[slash:]
		} else {
			parts, start, before = append(parts, port), port, port[:slash]
		}
		last = n
	}
	return parts
}

// compareNames orders the device's own names by kind and then by their numbers, so that neighbours come together.
func compareNames(a, b string) int {
	if order := cmp.Compare(a[:2], b[:2]); order != 0 {
		return order
	}
	return slices.Compare(numbersOf(a), numbersOf(b))
}

// numbersOf are those of a device's own name.
func numbersOf(port string) []int {
	var numbers []int
	for text := range strings.SplitSeq(port[2:], "/") {
		n, _ := strconv.Atoi(text)
		numbers = append(numbers, n)
	}
	return numbers
}
