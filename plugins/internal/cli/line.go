package cli

import "strings"

// CutLine parts a line of a configuration into the first of keys that it begins with, as whole words, and what follows it.
// A line that begins with none has no key. Keys that begin with others come before them.
func CutLine(line string, keys []string) (key, argument string) {
	for _, key := range keys {
		if line == key {
			return key, ""
		}
		if argument, ok := strings.CutPrefix(line, key+" "); ok {
			return key, strings.TrimSpace(argument)
		}
	}
	return "", ""
}
