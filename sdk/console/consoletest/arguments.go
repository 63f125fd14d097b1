package consoletest

import (
	"strconv"
	"strings"
)

// withKinds are a family's kinds of arguments and those everybody has.
func withKinds(own map[string]Argument) map[string]Argument {
	kinds := map[string]Argument{"word": oneWord, "text": restOfLine, "number": number}
	for name, kind := range own {
		kinds[name] = kind
	}
	return kinds
}

func oneWord(_ string, words []Word) (any, int, *Misfit) { return words[0].Text, 1, nil }

func restOfLine(line string, words []Word) (any, int, *Misfit) {
	return strings.TrimRight(line[words[0].At:], " "), len(words), nil
}

func number(_ string, words []Word) (any, int, *Misfit) {
	n, err := strconv.ParseUint(words[0].Text, 10, 31)
	if err != nil {
		return nil, 0, &Misfit{At: words[0].At}
	}
	return int(n), 1, nil
}

// Between is the kind of numbers from first to last; wrong is said of others.
func Between(first, last int, wrong string) Argument {
	return func(line string, words []Word) (any, int, *Misfit) {
		n, used, misfit := number(line, words)
		if misfit != nil || n.(int) < first || n.(int) > last {
			return nil, 0, &Misfit{At: words[0].At, Text: wrong}
		}
		return n, used, nil
	}
}

// VLANList is the kind of lists of VLANs from 1 to last, as a VLANs; garbled is said of what is no list, beyond of numbers
// that are no VLANs.
func VLANList(last int, garbled, beyond string) Argument {
	return func(_ string, words []Word) (any, int, *Misfit) {
		v, at, ok := parseVLANs(words[0].Text)
		if !ok {
			return nil, 0, &Misfit{At: words[0].At + at, Text: garbled}
		}
		if v.max() > last || v.Has(0) {
			return nil, 0, &Misfit{At: words[0].At, Text: beyond}
		}
		return v, 1, nil
	}
}
