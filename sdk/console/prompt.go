package console

import (
	"regexp"
	"strings"
)

// prompt is a line on which the device waits for a command.
type prompt struct {
	text              string
	host, mode, level string
	tail              string // what stands behind the level, usually a blank
}

// parse takes a whole line as a prompt.
func (d *Dialect) parse(line string) (prompt, bool) {
	at := d.Prompt.FindStringSubmatchIndex(line)
	if at == nil || at[0] != 0 || at[1] != len(line) || line == "" {
		return prompt{}, false
	}
	p := prompt{text: line}
	for i, name := range d.Prompt.SubexpNames() {
		if at[2*i] < 0 {
			continue
		}
		group := line[at[2*i]:at[2*i+1]]
		switch name {
		case "host":
			p.host = group
		case "mode":
			p.mode = group
		case "level":
			p.level, p.tail = group, line[at[2*i+1]:]
		}
	}
	return p, true
}

// prompts reports whether a whole line may be a prompt.
func (d *Dialect) prompts(line string) bool {
	_, ok := d.parse(line)
	return ok
}

// alike reports whether q is a prompt of the same device; mode and level may differ.
func (p prompt) alike(q prompt) bool { return p.host == q.host && p.tail == q.tail }

// asks reports whether a line ends in the question; blanks behind it do not count.
func asks(question *regexp.Regexp, line string) bool {
	_, ok := asked(question, line)
	return ok
}

// asked is the end of the line from the question on.
func asked(question *regexp.Regexp, line string) (string, bool) {
	if question == nil {
		return "", false
	}
	for _, at := range question.FindAllStringIndex(line, -1) {
		if strings.TrimSpace(line[at[1]:]) == "" {
			return line[at[0]:], true
		}
	}
	return "", false
}

// matches is MatchString, but a pattern that is not there matches nothing.
func matches(pattern *regexp.Regexp, text string) bool {
	return pattern != nil && pattern.MatchString(text)
}
