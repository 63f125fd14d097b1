package consoletest

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// VLANs is a set of VLAN ids, 0 to 4095. The zero value is empty, and sets compare with ==.
type VLANs [4096 / 64]uint64

// SomeVLANs is the set of ids.
func SomeVLANs(ids ...int) VLANs {
	var v VLANs
	for _, id := range ids {
		v = v.With(id)
	}
	return v
}

// VLANRange is the set of the ids from first to last.
func VLANRange(first, last int) VLANs {
	var v VLANs
	for id := first; id <= last; id++ {
		v[id/64] |= 1 << (id % 64)
	}
	return v
}

// With is the set and one more.
func (v VLANs) With(id int) VLANs {
	v[id/64] |= 1 << (id % 64)
	return v
}

// Has reports whether id is in the set.
func (v VLANs) Has(id int) bool { return v[id/64]>>(id%64)&1 == 1 }

// Or is what is in either set.
func (v VLANs) Or(w VLANs) VLANs {
	for i := range v {
		v[i] |= w[i]
	}
	return v
}

// And is what is in both sets.
func (v VLANs) And(w VLANs) VLANs {
	for i := range v {
		v[i] &= w[i]
	}
	return v
}

// Not is what is in v and not in w.
func (v VLANs) Not(w VLANs) VLANs {
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

// Parts are the set's ranges as devices write them: "5", "7-9".
func (v VLANs) Parts() []string {
	var parts []string
	first, last := -1, -1
	for _, id := range append(v.IDs(), 2*4096) {
		if id == last+1 && first >= 0 {
			last = id
			continue
		}
		switch {
		case first < 0:
		case first == last:
			parts = append(parts, strconv.Itoa(first))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", first, last))
		}
		first, last = id, id
	}
	return parts
}

// String is the set as devices write it: "5,7-9".
func (v VLANs) String() string { return strings.Join(v.Parts(), ",") }

// Lines are the set in lists of at most limit characters, for devices that break long ones.
func (v VLANs) Lines(limit int) []string {
	lines := []string{""}
	for _, part := range v.Parts() {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = part
		case len(*last)+1+len(part) > limit:
			lines = append(lines, part)
		default:
			*last += "," + part
		}
	}
	return lines
}

// max is the highest id, 0 if there is none.
func (v VLANs) max() int {
	ids := v.IDs()
	if len(ids) == 0 {
		return 0
	}
	return ids[len(ids)-1]
}

// parseVLANs reads a list like "5,7-9", and says where it is none.
func parseVLANs(list string) (v VLANs, at int, ok bool) {
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, okFirst := vlanID(from)
		last, okLast := first, true
		if isRange {
			last, okLast = vlanID(to)
		}
		if !okFirst || !okLast || last < first {
			return v, at, false
		}
		v = v.Or(VLANRange(first, last))
		at += len(part) + 1
	}
	return v, 0, true
}

// vlanID reads a number; those beyond all sets are 4095, which is no VLAN either.
func vlanID(text string) (int, bool) {
	id, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, false
	}
	return int(min(id, 4095)), true
}
