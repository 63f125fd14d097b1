package lab

import (
	"strconv"
	"strings"
)

// ids writes VLANs as ovs-vsctl takes them.
func ids(vlans []int) string {
	words := make([]string, len(vlans))
	for i, v := range vlans {
		words[i] = strconv.Itoa(v)
	}
	return strings.Join(words, ",")
}
