package core

import (
	"net"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLabel is the longest label, in characters.
const MaxLabel = 255

// reservedNodes are words that stand in a node's place in the API's paths.
var reservedNodes = []string{"all", "free"}

// CheckLabel says whether s can name a new object: 1 to 255 characters, none of them a control character or "/",
// no blank at either end, and neither "." nor "..", which URLs swallow. The error names the field.
func CheckLabel(field, s string) error {
	if strings.Contains(s, "/") {
		return FieldErrorf(BadArgument, field, "a label must not contain \"/\"")
	}
	return CheckPortLabel(field, s)
}

// CheckPortLabel is CheckLabel for switchports, whose names may contain "/".
func CheckPortLabel(field, s string) error {
	switch {
	case s == "":
		return FieldErrorf(BadArgument, field, "a label must not be empty")
	case !utf8.ValidString(s):
		return FieldErrorf(BadArgument, field, "a label must be valid UTF-8")
	case utf8.RuneCountInString(s) > MaxLabel:
		return FieldErrorf(BadArgument, field, "a label must not be longer than %d characters", MaxLabel)
	case strings.ContainsFunc(s, unicode.IsControl):
		return FieldErrorf(BadArgument, field, "a label must not contain control characters")
	case strings.TrimSpace(s) != s:
		return FieldErrorf(BadArgument, field, "a label must not begin or end with a blank")
	case slices.Contains(strings.Split(s, "/"), ".") || slices.Contains(strings.Split(s, "/"), ".."):
		return FieldErrorf(BadArgument, field, "a label must not be %q or %q", ".", "..")
	}
	return nil
}

// CheckNodeLabel is CheckLabel for nodes, which may be called neither "all" nor "free".
func CheckNodeLabel(field, s string) error {
	if slices.Contains(reservedNodes, s) {
		return FieldErrorf(BadArgument, field, "no node may be called %q: the word stands for a list of nodes", s)
	}
	return CheckLabel(field, s)
}

// NormalizeMAC parses a MAC address in any common spelling and returns it in lower case with colons.
func NormalizeMAC(s string) (string, error) {
	mac, err := net.ParseMAC(strings.TrimSpace(s))
	if err != nil {
		return "", FieldErrorf(BadArgument, "macaddr", "is not a MAC address; write it like 52:54:00:12:34:56")
	}
	return mac.String(), nil
}
