package config

import (
	"slices"
	"strings"
)

// nearest is the known name that a mistyped one was meant to be, or "" if none is near.
func nearest(name string, known []string) string {
	best, least := "", 0
	for _, k := range slices.Sorted(slices.Values(known)) {
		allowed := max(1, len(k)/3)
		if len(name) > len(k)+allowed {
			continue
		}
		d := distance(strings.ToLower(name), strings.ToLower(k))
		if d <= allowed && (best == "" || d < least) {
			best, least = k, d
		}
	}
	return best
}

// distance is how many letters must be inserted, dropped or replaced to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// unknown tells what to write instead of an unknown name.
func unknown(what, name string, known []string) string {
	if near := nearest(name, known); near != "" {
		return "unknown " + what + "; did you mean " + near + "?"
	}
	return "unknown " + what + "; known are " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}
