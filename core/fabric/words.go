package fabric

import (
	"slices"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// Difference says for people how a port's running state differs from what is wanted, "" if it does not.
func Difference(want, running netswitch.PortState) string {
	if running.Equal(want) {
		return ""
	}
	verb := "running carries "
	if len(running.VLANs()) == 0 {
		verb = "running is "
	}
	return verb + describe(running) + ", wanted " + describe(want)
}

// describe says what a port carries, for people: "VLANs 100 (native), 200-203".
func describe(p netswitch.PortState) string {
	words := vlanWords(p)
	switch {
	case words == "" && !p.Up:
		return "closed"
	case words == "":
		return "up without any VLAN"
	case !p.Up:
		return words + " while it is shut down"
	}
	return words
}

func vlanWords(p netswitch.PortState) string {
	known := slices.DeleteFunc(slices.Clone(p.Tagged), func(v int) bool { return v == netswitch.Unknown })
	words := ranges(known)
	if p.Native != 0 {
		words = append([]string{strconv.Itoa(p.Native) + " (native)"}, words...)
	}
	if len(known) < len(p.Tagged) {
		words = append(words, "unknown others")
	}
	switch {
	case len(words) == 0:
		return ""
	case len(p.VLANs()) == 1 && len(known) == len(p.Tagged):
		return "VLAN " + words[0]
	}
	return "VLANs " + strings.Join(words, ", ")
}

// ranges are ascending VLANs, neighbours drawn together: a port may carry four thousand.
func ranges(vlans []int) []string {
	var words []string
	for len(vlans) > 0 {
		n := 1
		for n < len(vlans) && vlans[n] == vlans[0]+n {
			n++
		}
		word := strconv.Itoa(vlans[0])
		if n > 1 {
			word += "-" + strconv.Itoa(vlans[n-1])
		}
		words, vlans = append(words, word), vlans[n:]
	}
	return words
}
