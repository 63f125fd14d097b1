package consoletest

import "strings"

// pipe is what "|" and words after a command do to its output. The zero value does nothing.
type pipe struct {
	unpaged bool
	// drop is the lines that are left out.
	drop func(line string) bool
}

func (p pipe) filter(out string) string {
	if p.drop == nil {
		return out
	}
	var kept strings.Builder
	for line := range strings.Lines(out) {
		if !p.drop(line) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// piped separates a command from what is done to its output. A "|" that is not followed by a filter stays in the line, to
// be refused.
func (d *Device) piped(line string) (string, pipe) {
	command, filter, ok := strings.Cut(line, "|")
	words := splitWords(filter)
	if !d.family.Pipes || !ok || len(words) == 0 || !shows(command) {
		return line, pipe{}
	}
	pattern := textOf(words[1:])
	switch name := words[0].Text; {
	case Abbreviates(name, "no-more"):
		return command, pipe{unpaged: true}
	case Abbreviates(name, "include"):
		return command, pipe{drop: func(line string) bool { return !strings.Contains(line, pattern) }}
	case Abbreviates(name, "exclude"):
		return command, pipe{drop: func(line string) bool { return strings.Contains(line, pattern) }}
	}
	return line, pipe{}
}

// shows reports whether a line is a show command, after which alone "|" is special.
func shows(line string) bool {
	words := splitWords(line)
	if len(words) > 0 && strings.EqualFold(words[0].Text, "do") {
		words = words[1:]
	}
	return len(words) > 0 && len(words[0].Text) > 1 && Abbreviates(words[0].Text, "show")
}
