package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
)

// portName splits "gi1/0/11", "GigabitEthernet 1/0/11" and the "gi1/11" of older devices into the kind and the numbers.
var portName = regexp.MustCompile(`^([A-Za-z]+) ?([0-9]{1,3}(?:/[0-9]{1,3}){1,2})$`)

// kinds are the spellings of each kind of port, and the device's own.
var kinds = map[string]string{
	"gi": "gi", "gigabitethernet": "gi",
	"te": "te", "tengigabitethernet": "te",
}

// canonicalPort is the device's own name of a port: "gi1/0/11".
func canonicalPort(port string) (string, error) {
	m := portName.FindStringSubmatch(port)
	if m == nil || kinds[strings.ToLower(m[1])] == "" {
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
	return kinds[strings.ToLower(m[1])] + strings.Join(numbers, "/"), nil
}

func badPort() error {
	return &sdk.Error{Code: sdk.Invalid, Text: "port: must be named as gi1/0/11 or te1/0/1"}
}
