package config

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// place is where a setting stands; key is empty for the section's own line.
type place struct{ section, key string }

// section is one [name] and what follows it, as written.
type section struct {
	name    string
	line    int
	entries []entry
}

type entry struct {
	key, value string
	line       int
}

// reader understands the grammar of Python's configparser: "=" or ":", comments with "#" or ";" at the start of a
// line or after a blank, values continued by deeper indented lines. It never repeats a value in an error.
type reader struct {
	file     string
	sections []section
	// indent is that of the last key; deeper lines continue its value.
	indent   int
	problems []error
}

func read(file string, text []byte) ([]section, []error) {
	r := reader{file: file}
	lines := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	for i, line := range lines {
		r.take(i+1, strings.TrimSuffix(line, "\r"))
	}
	return r.sections, r.problems
}

func (r *reader) take(n int, line string) {
	body := strings.TrimSpace(uncomment(line))
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	switch last := r.last(); {
	case body == "":
	case !utf8.ValidString(body) || strings.ContainsFunc(body, isBinary):
		r.problem(n, "is not text; write the file in UTF-8 without control characters")
	case last != nil && indent > r.indent:
		last.value += "\n" + body
	case body[0] == '[':
		r.header(n, body)
	default:
		r.indent = indent
		r.entry(n, body)
	}
}

// last is the key a deeper line would continue, nil right after a section's header.
func (r *reader) last() *entry {
	if len(r.sections) == 0 {
		return nil
	}
	entries := r.sections[len(r.sections)-1].entries
	if len(entries) == 0 {
		return nil
	}
	return &entries[len(entries)-1]
}

func (r *reader) header(n int, body string) {
	name, rest, closed := strings.Cut(body[1:], "]")
	name = strings.TrimSpace(name)
	if !closed || rest != "" || name == "" {
		r.problem(n, "is no section; write [name] alone on its line")
	}
	r.sections = append(r.sections, section{name: name, line: n})
}

func (r *reader) entry(n int, body string) {
	end := strings.IndexAny(body, "=:")
	if end < 1 {
		r.problem(n, "is no section, no key and no comment; write key = value, or key = for none")
		return
	}
	if len(r.sections) == 0 {
		r.problem(n, "stands before any section; write a [section] above it")
		return
	}
	in := &r.sections[len(r.sections)-1]
	e := entry{key: strings.TrimSpace(body[:end]), value: strings.TrimSpace(body[end+1:]), line: n}
	in.entries = append(in.entries, e)
}

func (r *reader) problem(line int, text string) {
	r.problems = append(r.problems, &Error{File: r.file, Line: line, Text: text})
}

func uncomment(line string) string {
	for i, c := range line {
		comment := c == '#' || c == ';'
		if comment && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}

func isBinary(c rune) bool { return c != '\t' && unicode.IsControl(c) }
