package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
)

// portName splits "gi1/0/1", "GigabitEthernet 1/0/1", "ethernet 1/42", "1/0/4" into the kind and the numbers.
var portName = regexp.MustCompile(`^(?:([A-Za-z]+) ?)?([0-9]{1,4}(?:/[0-9]{1,4}){1,2})$`)

// portKinds are the spellings of each kind of port, and the device's own.
var portKinds = map[string]string{
	"":   "",
	"fa": "fa", "fastethernet": "fa",
	"gi": "gi", "gigabitethernet": "gi",
	"te": "te", "tengigabitethernet": "te",
	"fo": "fo", "fortygigabitethernet": "fo",
	"hu": "hu", "hundredgigabitethernet": "hu",
	"e": "Ethernet", "eth": "Ethernet", "ethernet": "Ethernet",
}

// canonicalPort is the device's own name of a port: "gi1/0/1", "te1/0/1", "Ethernet1/42", "1/0/4".
func canonicalPort(port string) (string, error) {
	m := portName.FindStringSubmatch(port)
	if m == nil {
		return "", badPort()
	}
	kind, ok := portKinds[strings.ToLower(m[1])]
	if !ok {
		return "", badPort()
	}
	numbers := strings.Split(m[2], "/")
	for i, text := range numbers {
		n, err := strconv.Atoi(text)
		if err != nil {
			return "", badPort()
		}
		numbers[i] = strconv.Itoa(n)
	}
	return kind + strings.Join(numbers, "/"), nil
}

// lastPort is the last number of a port that the device has; those above can be named, and are not there.
const lastPort = 999

// portNumber is the last number of a port's own name.
func portNumber(own string) int {
	n, err := strconv.Atoi(own[strings.LastIndex(own, "/")+1:])
	if err != nil {
		return 0
	}
	return n
}

func badPort() error {
	return &sdk.Error{Code: sdk.Invalid, Text: "port: must be named as gi1/0/1, te1/0/1, Ethernet1/1 or 1/0/1"}
}
