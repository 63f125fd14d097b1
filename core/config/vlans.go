package config

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/core"
)

// VLANRange is First to Last, both included.
type VLANRange struct{ First, Last int }

// VLANSet is a set of VLAN ids, kept as ranges that are sorted and neither overlap nor touch. The zero set is empty.
type VLANSet struct{ ranges []VLANRange }

// ParseVLANs reads "14,35-40": numbers and ranges from 1 to 4094 in any order, overlaps allowed.
func ParseVLANs(s string) (VLANSet, error) {
	if strings.TrimSpace(s) == "" {
		return VLANSet{}, errors.New("names no VLAN; " + vlanRemedy)
	}
	var ranges []VLANRange
	for item := range strings.SplitSeq(s, ",") {
		r, err := parseVLANRange(strings.TrimSpace(item))
		if err != nil {
			return VLANSet{}, err
		}
		ranges = append(ranges, r)
	}
	return VLANSet{ranges: merge(ranges)}, nil
}

const vlanRemedy = "write numbers and ranges from 1 to 4094, like 14,35-40"

func parseVLANRange(item string) (VLANRange, error) {
	first, last, ranged := strings.Cut(item, "-")
	if !ranged {
		last = first
	}
	a, okA := parseVLAN(first)
	b, okB := parseVLAN(last)
	switch {
	case !okA || !okB:
		return VLANRange{}, fmt.Errorf("%.40q is no VLAN; %s", item, vlanRemedy)
	case a > b:
		return VLANRange{}, fmt.Errorf("%.40q runs backwards; write %d-%d", item, b, a)
	}
	return VLANRange{First: a, Last: b}, nil
}

func parseVLAN(s string) (int, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 16)
	return int(n), err == nil && n >= core.MinVLAN && n <= core.MaxVLAN
}

func merge(ranges []VLANRange) []VLANRange {
	slices.SortFunc(ranges, func(a, b VLANRange) int { return cmp.Compare(a.First, b.First) })
	merged := ranges[:1]
	for _, r := range ranges[1:] {
		last := &merged[len(merged)-1]
		if r.First > last.Last+1 {
			merged = append(merged, r)
			continue
		}
		last.Last = max(last.Last, r.Last)
	}
	return merged
}

// Contains says whether the id is in the set.
func (s VLANSet) Contains(id int) bool {
	return slices.ContainsFunc(s.ranges, func(r VLANRange) bool { return r.First <= id && id <= r.Last })
}

// Len is the number of ids in the set.
func (s VLANSet) Len() int {
	n := 0
	for _, r := range s.ranges {
		n += r.Last - r.First + 1
	}
	return n
}

// Ranges are the set's ranges, ascending; the slice is the caller's.
func (s VLANSet) Ranges() []VLANRange { return slices.Clone(s.ranges) }

// All gives the ids in ascending order.
func (s VLANSet) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, r := range s.ranges {
			for id := r.First; id <= r.Last; id++ {
				if !yield(id) {
					return
				}
			}
		}
	}
}

// String is the set as ParseVLANs reads it; empty for the empty set.
func (s VLANSet) String() string {
	items := make([]string, len(s.ranges))
	for i, r := range s.ranges {
		items[i] = strconv.Itoa(r.First)
		if r.Last > r.First {
			items[i] += "-" + strconv.Itoa(r.Last)
		}
	}
	return strings.Join(items, ",")
}
