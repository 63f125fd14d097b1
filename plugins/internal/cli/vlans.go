// Package cli is what drivers of command-line switches share: sets of VLANs as devices write them, the settings, and the
// course of a visit from what the running configuration says to what is wanted. It is not for what one family says:
// that is the driver's.
package cli

import (
	"fmt"
	"iter"
	"math/bits"
	"strconv"
	"strings"
)

// lastVLAN is the highest VLAN id.
const lastVLAN = 4094

// VLANs is a set of VLAN ids, 1 to 4094. The zero value is empty, and sets compare with ==.
type VLANs [lastVLAN/64 + 1]uint64

// AllVLANs is every id there is.
func AllVLANs() VLANs {
	var v VLANs
	v.add(1, lastVLAN)
	return v
}

// VLANsOf is the set of some ids; 0 is none.
func VLANsOf(ids ...int) VLANs {
	var v VLANs
	for _, id := range ids {
		if id != 0 {
			v.add(id, id)
		}
	}
	return v
}

func (v *VLANs) add(first, last int) {
	for id := first; id <= last; id++ {
		v[id/64] |= 1 << (id % 64)
	}
}

// ParseVLANs reads a list as devices print it: "1,5-9, 100".
func ParseVLANs(list string) (VLANs, error) {
	var v VLANs
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		first, err := vlanID(from)
		last := first
		if err == nil && isRange {
			last, err = vlanID(to)
		}
		if err != nil || last < first {
			return VLANs{}, fmt.Errorf("%q is no list of VLANs", list)
		}
		v.add(first, last)
	}
	return v, nil
}

func vlanID(text string) (int, error) {
	id, err := strconv.Atoi(text)
	if err != nil || id < 1 || id > lastVLAN || text[0] == '+' {
		return 0, fmt.Errorf("%q is no VLAN", text)
	}
	return id, nil
}

// Has reports whether id is in the set.
func (v VLANs) Has(id int) bool { return id > 0 && id <= lastVLAN && v[id/64]&(1<<(id%64)) != 0 }

// Empty reports whether nothing is in the set.
func (v VLANs) Empty() bool { return v == VLANs{} }

// Plus is what is in either set.
func (v VLANs) Plus(w VLANs) VLANs {
	for i := range v {
		v[i] |= w[i]
	}
	return v
}

// Minus is what is in v and not in w.
func (v VLANs) Minus(w VLANs) VLANs {
	for i := range v {
		v[i] &^= w[i]
	}
	return v
}

// IDs are the ids, ascending; nil if there are none.
func (v VLANs) IDs() []int {
	var ids []int
	for i, word := range v {
		for ; word != 0; word &= word - 1 {
			ids = append(ids, i*64+bits.TrailingZeros64(word))
		}
	}
	return ids
}

// String is the set as devices take it: "1,5-9,100", empty for none.
func (v VLANs) String() string { return strings.Join(v.parts(), ",") }

// Lists is the set in lists of at most limit characters each, for devices with short lines.
func (v VLANs) Lists(limit int) []string {
	var lists []string
	for _, part := range v.Split(limit) {
		lists = append(lists, part.String())
	}
	return lists
}

// Split is the set in parts whose lists have at most limit characters each.
func (v VLANs) Split(limit int) []VLANs {
	var parts []VLANs
	length := 0
	for first, last := range v.ranges() {
		more := len(rangeText(first, last))
		if n := len(parts); n > 0 && length+1+more <= limit {
			parts[n-1].add(first, last)
			length += 1 + more
			continue
		}
		var part VLANs
		part.add(first, last)
		parts, length = append(parts, part), more
	}
	return parts
}

// parts are the ranges of the set in words: "1", "5-9".
func (v VLANs) parts() []string {
	var parts []string
	for first, last := range v.ranges() {
		parts = append(parts, rangeText(first, last))
	}
	return parts
}

func rangeText(first, last int) string {
	if first == last {
		return strconv.Itoa(first)
	}
	return strconv.Itoa(first) + "-" + strconv.Itoa(last)
}

// ranges are the first and last ids of what is in the set without gaps.
func (v VLANs) ranges() iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		ids := v.IDs()
		for i := 0; i < len(ids); {
			j := i
			for j+1 < len(ids) && ids[j+1] == ids[j]+1 {
				j++
			}
			if !yield(ids[i], ids[j]) {
				return
			}
			i = j + 1
		}
	}
}
