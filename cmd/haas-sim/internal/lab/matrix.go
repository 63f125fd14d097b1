package lab

import (
	"fmt"
	"strings"
)

// untagged is the subnet of frames without a tag. That of a VLAN's tagged frames has the number of the VLAN.
const untagged = 0

// pair is a machine that sends and one that it reaches, by name.
type pair struct{ from, to string }

// matrix is which machine reaches which.
type matrix map[pair]bool

// equal reports whether two matrices are the same.
func (m matrix) equal(o matrix) bool { return len(m.without(o)) == 0 && len(o.without(m)) == 0 }

// without are the pairs that reach each other in m and not in o.
func (m matrix) without(o matrix) []pair {
	var pairs []pair
	for p, reaches := range m {
		if reaches && !o[p] {
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// table is the matrix for people, with the machines in the order given: the sender on the left.
func (m matrix) table(names []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %-6s", "")
	for _, to := range names {
		fmt.Fprintf(&b, "%-5s", to)
	}
	for _, from := range names {
		fmt.Fprintf(&b, "\n  %-6s", from)
		for _, to := range names {
			fmt.Fprintf(&b, "%-5s", m.word(pair{from, to}))
		}
	}
	return b.String()
}

func (m matrix) word(p pair) string {
	switch {
	case p.from == p.to:
		return "."
	case m[p]:
		return "yes"
	default:
		return "no"
	}
}
