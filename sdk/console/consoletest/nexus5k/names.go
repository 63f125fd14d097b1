package nexus5k

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// piece is one part of a list of interfaces: a kind, which may be shortened, and a number or a range of them.
var piece = regexp.MustCompile(`^ *([A-Za-z-]+?) *([0-9]+(?:/[0-9]+)*)(?: *- *([0-9]+(?:/[0-9]+)*))? *(,?)`)

// interfaces is the kind of arguments like "ethernet 1/1-4, ethernet 1/7", as the names of ports. The names of port
// channels need not exist; those of other ports must.
func (s *Switch) interfaces(line string, words []consoletest.Word) (any, int, *consoletest.Misfit) {
	var names []string
	at := words[0].At
	for more := true; more; {
		m := piece.FindStringSubmatchIndex(line[at:])
		if m == nil {
			return nil, 0, &consoletest.Misfit{At: at + blanks(line[at:]), Text: badInterface}
		}
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return line[at+m[2*i] : at+m[2*i+1]]
		}
		some, wrong := s.expand(group(1), group(2), group(3))
		if wrong == badInterface {
			return nil, 0, &consoletest.Misfit{At: at + m[2], Text: wrong}
		}
		if wrong != "" {
			return nil, 0, &consoletest.Misfit{At: at + m[4], Text: wrong}
		}
		names = append(names, some...)
		more = group(4) == ","
		at += m[1]
	}
	return wholeWords(names, words, at)
}

// existing is interfaces of which none is made up.
func (s *Switch) existing(line string, words []consoletest.Word) (any, int, *consoletest.Misfit) {
	names, used, wrong := s.interfaces(line, words)
	if wrong != nil {
		return nil, 0, wrong
	}
	for _, name := range names.([]string) {
		if s.running.port(name) == nil {
			return nil, 0, &consoletest.Misfit{At: words[0].At, Text: badRange}
		}
	}
	return names, used, nil
}

func blanks(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

// wholeWords says how many words an argument took that ends at a place of the line; it must not end inside of one.
func wholeWords(names []string, words []consoletest.Word, end int) (any, int, *consoletest.Misfit) {
	used := 0
	for used < len(words) && words[used].At < end {
		used++
	}
	last := words[used-1]
	if last.At+len(last.Text) > end {
		return nil, 0, &consoletest.Misfit{At: end, Text: badInterface}
	}
	return names, used, nil
}

// expand makes names of one piece, or says what is wrong with it.
func (s *Switch) expand(kind, first, last string) ([]string, string) {
	switch {
	case consoletest.Abbreviates(kind, "port-channel") && len(kind) > 1:
		return channels(first, last)
	case consoletest.Abbreviates(kind, "ethernet"):
		return s.ethernets(first, last)
	}
	return nil, badInterface
}

func channels(first, last string) ([]string, string) {
	group, err := strconv.Atoi(first)
	if err != nil || last != "" || group < 1 || group > 4096 {
		return nil, badRange
	}
	return []string{channelName(group)}, ""
}

// ethernets makes names of "1/1" or of "1/1" and "4".
func (s *Switch) ethernets(first, last string) ([]string, string) {
	slot, from := cutNumber(first)
	to := from
	if last != "" {
		lastSlot, n := cutNumber(last)
		if lastSlot != "" && lastSlot != slot {
			return nil, badRange
		}
		to = n
	}
	var names []string
	for n := from; n <= to && n-from < len(s.running.ports); n++ {
		names = append(names, fmt.Sprintf("Ethernet%s%d", slot, n))
	}
	for _, name := range names {
		if s.running.port(name) == nil {
			return nil, badRange
		}
	}
	if len(names) != to-from+1 {
		return nil, badRange
	}
	return names, ""
}

// cutNumber separates the last number of "101/1/12" from what is before it.
func cutNumber(number string) (slot string, n int) {
	i := strings.LastIndex(number, "/") + 1
	n, err := strconv.Atoi(number[i:])
	if err != nil {
		return number, -1
	}
	return number[:i], n
}

// short is the name of a port in tables.
func short(name string) string {
	return strings.NewReplacer("Ethernet", "Eth", "port-channel", "Po").Replace(name)
}
