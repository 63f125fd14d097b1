package powerconnect55

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// onePort is a port as it is typed; only a blank between kind and number may be added.
var onePort = regexp.MustCompile(`^([A-Za-z-]+)([0-9/]+)$`)

// somePorts is a part of a range.
var somePorts = regexp.MustCompile(`^([A-Za-z-]+)((?:[0-9]+/)*)([0-9]+)(?:-([0-9]+))?$`)

// port is the kind of arguments that are one port, as its name.
func (s *Switch) port(_ string, words []consoletest.Word) (any, int, *consoletest.Misfit) {
	text, used := words[0].Text, 1
	if !strings.ContainsAny(text, "0123456789") && len(words) > 1 {
		text, used = text+words[1].Text, 2
	}
	m := onePort.FindStringSubmatch(text)
	if m == nil {
		return nil, 0, &consoletest.Misfit{At: words[0].At, Text: wrongNumber}
	}
	name := kindOf(m[1]) + m[2]
	if s.running.port(name) == nil {
		return nil, 0, &consoletest.Misfit{At: words[0].At, Text: badValue}
	}
	return []string{name}, used, nil
}

// ports is the kind of arguments like "gi1/0/1-4,te1/0/1", as their names. It takes no blanks.
func (s *Switch) ports(_ string, words []consoletest.Word) (any, int, *consoletest.Misfit) {
	var names []string
	for part := range strings.SplitSeq(words[0].Text, ",") {
		m := somePorts.FindStringSubmatch(part)
		if m == nil {
			return nil, 0, &consoletest.Misfit{At: words[0].At, Text: wrongNumber}
		}
		some, ok := s.expand(kindOf(m[1])+m[2], m[3], m[4])
		if !ok {
			return nil, 0, &consoletest.Misfit{At: words[0].At, Text: badValue}
		}
		names = append(names, some...)
	}
	return names, 1, nil
}

// expand makes names of "gi1/0/", "1" and "4".
func (s *Switch) expand(kind, first, last string) ([]string, bool) {
	from, err := strconv.Atoi(first)
	if err != nil {
		return nil, false
	}
	to := from
	if last != "" {
		if to, err = strconv.Atoi(last); err != nil || to < from {
			return nil, false
		}
	}
	var names []string
	for n := from; n <= to; n++ {
		name := fmt.Sprintf("%s%d", kind, n)
		if s.running.port(name) == nil {
			return nil, false
		}
		names = append(names, name)
	}
	return names, true
}

// kindOf is a kind of port as names have it, for any spelling of at least two letters.
func kindOf(typed string) string {
	for kind, long := range map[string]string{"gi": "gigabitethernet", "te": "tengigabitethernet", "Po": "port-channel"} {
		if len(typed) > 1 && consoletest.Abbreviates(typed, long) {
			return kind
		}
	}
	return "?"
}

// long is a port's name in the running configuration.
func long(name string) string {
	return strings.NewReplacer("gi", "gigabitethernet", "te", "tengigabitethernet", "Po", "Port-channel").Replace(name)
}
