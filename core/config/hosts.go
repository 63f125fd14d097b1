package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// hosts are URIs, divided by commas, each with an amount of memory behind it if headnodes may not have all there is. What a
// URI is, its driver says.
func hosts(v string) ([]HeadnodeHost, error) {
	items, err := list(v)
	if err != nil {
		return nil, err
	}
	var all []HeadnodeHost
	for _, item := range items {
		h, err := host(strings.Fields(item))
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(o HeadnodeHost) bool { return o.URI == h.URI }) {
			return nil, fmt.Errorf("names %s twice; remove one", h.URI)
		}
		all = append(all, h)
	}
	return all, nil
}

func host(words []string) (HeadnodeHost, error) {
	h := HeadnodeHost{URI: words[0]}
	switch len(words) {
	case 1:
		return h, nil
	case 2:
		var err error
		h.Capacity, err = mebibytes(words[1])
		return h, err
	}
	return h, fmt.Errorf("has %d words for %s; write its URI and, if headnodes may not have all its memory, how much: %s 64GiB", len(words), h.URI, h.URI)
}

// mebibytes is an amount of memory in MiB.
func mebibytes(v string) (int64, error) {
	const most = 1 << 30 // a PiB
	for shift, unit := range []string{"MiB", "GiB", "TiB"} {
		digits, ok := strings.CutSuffix(v, unit)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 32)
		if n <<= 10 * shift; err == nil && n > 0 && n <= most {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%.40q is no amount of memory; write it like 512MiB, 64GiB or 1TiB", v)
}
