package remote

import "strings"

// EndpointIn is the value of endpoint under [client] in the text of a haas.cfg, empty if there is none. It looks for
// this one key and judges nothing else: whether the file is right is the server's business.
func EndpointIn(text string) string {
	var s scan
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		s.take(line)
	}
	return s.endpoint
}

// scan reads a file of sections and keys line by line. A line that is indented deeper than the last key continues its
// value, so it is neither a key nor a section.
type scan struct {
	section string
	indent  int
	inKey   bool
	// wanted says that the last key was the one to find.
	wanted   bool
	endpoint string
}

func (s *scan) take(line string) {
	body := strings.TrimSpace(uncomment(line))
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	switch {
	case body == "":
	case s.inKey && indent > s.indent:
		if s.wanted {
			s.endpoint = strings.TrimSpace(s.endpoint + "\n" + body)
		}
	case body[0] == '[':
		name, _, _ := strings.Cut(body[1:], "]")
		s.section, s.inKey = strings.TrimSpace(name), false
	default:
		s.indent, s.inKey = indent, true
		s.key(body)
	}
}

func (s *scan) key(body string) {
	end := strings.IndexAny(body, "=:")
	s.wanted = end > 0 && s.section == "client" && strings.TrimSpace(body[:end]) == "endpoint"
	if s.wanted {
		s.endpoint = strings.TrimSpace(body[end+1:])
	}
}

// uncomment removes what follows a # or ; that begins the line or stands after a blank.
func uncomment(line string) string {
	for i := range len(line) {
		mark := line[i] == '#' || line[i] == ';'
		if mark && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}
