package consoletest

import (
	"slices"
	"strings"
)

// Word is one word of a typed line, and the place of its first character.
type Word struct {
	Text string
	At   int
}

// Argument reads an argument at the beginning of words (at least one), which are the end of line, and says how many words
// it took. It is called with the device locked.
type Argument func(line string, words []Word) (value any, used int, wrong *Misfit)

// Misfit is why a line is refused before anything is carried out: the place in the line, and the words.
type Misfit struct {
	At   int
	Text string
}

// words are the words of a line.
func splitWords(line string) []Word {
	var words []Word
	for at := 0; at < len(line); {
		if line[at] == ' ' || line[at] == '\t' {
			at++
			continue
		}
		end := at + strings.IndexAny(line[at:]+" ", " \t")
		words = append(words, Word{Text: line[at:end], At: at})
		at = end
	}
	return words
}

// Abbreviates reports whether what was typed is the beginning of a word, or all of it, in letters of any size.
func Abbreviates(typed, word string) bool {
	return len(typed) <= len(word) && strings.EqualFold(word[:len(typed)], typed)
}

// node is a place in the grammar of a mode.
type node struct {
	// word is what led here, in full; argument is the kind, if it was one.
	word     string
	argument Argument
	next     []*node
	command  *Command
}

// add puts a command into the grammar below n, over one with the same line.
func (n *node) add(words []string, command *Command, kinds map[string]Argument) {
	if len(words) == 0 {
		n.command = command
		return
	}
	for word := range strings.SplitSeq(words[0], "|") {
		n.child(word, kinds).add(words[1:], command, kinds)
	}
}

func (n *node) child(word string, kinds map[string]Argument) *node {
	for _, c := range n.next {
		if c.word == word {
			return c
		}
	}
	c := &node{word: word}
	if strings.HasPrefix(word, "<") {
		c.argument = kindOf(word, kinds)
	}
	n.next = append(n.next, c)
	return c
}

// kindOf finds an argument's kind; a name without one is a mistake in the family, found by the first test that makes one.
func kindOf(word string, kinds map[string]Argument) Argument {
	name := strings.Trim(word, "<>")
	kind, ok := kinds[name]
	if !ok {
		panic("consoletest: no kind of argument is called " + name)
	}
	return kind
}

// understood is a line that the grammar has.
type understood struct {
	command *Command
	values  []any
	// full is the line with its words in full.
	full []string
	// mode is the one whose command it is.
	mode string
}

// read follows words from n to a command.
func (n *node) read(line string, words []Word, w Words) (understood, *Misfit) {
	var u understood
	for i := 0; i < len(words); {
		next, value, used, wrong := n.follow(line, words[i:], w, i == 0)
		if wrong != nil {
			return u, wrong
		}
		if next.argument != nil {
			u.values = append(u.values, value)
			u.full = append(u.full, textOf(words[i:i+used]))
		} else {
			u.full = append(u.full, next.word)
		}
		n, i = next, i+used
	}
	if n.command == nil {
		return u, &Misfit{At: len(line), Text: n.lacking(w)}
	}
	u.command = n.command
	return u, nil
}

// follow goes one step: along a keyword if there is one, else along an argument.
func (n *node) follow(line string, words []Word, w Words, first bool) (*node, any, int, *Misfit) {
	switch found := n.keywords(words[0].Text); len(found) {
	case 1:
		return found[0], nil, 1, nil
	case 0:
		return n.followArgument(line, words, w, first)
	default:
		return nil, nil, 0, &Misfit{At: words[0].At, Text: w.Ambiguous}
	}
}

// followArgument tries the kinds of arguments in the order in which the family named them; the first one's complaint
// counts.
func (n *node) followArgument(line string, words []Word, w Words, first bool) (*node, any, int, *Misfit) {
	var complaint *Misfit
	for _, c := range n.next {
		if c.argument == nil {
			continue
		}
		value, used, wrong := c.argument(line, words)
		if wrong == nil {
			return c, value, used, nil
		}
		if complaint == nil {
			complaint = wrong
		}
	}
	if complaint == nil {
		complaint = &Misfit{At: words[0].At, Text: n.stranger(w, first)}
	}
	complaint.Text = either(complaint.Text, w.Argument)
	return nil, nil, 0, complaint
}

// keywords are those a word may mean: the one it is, or all it begins.
func (n *node) keywords(typed string) []*node {
	var found []*node
	for _, c := range n.next {
		if c.argument != nil || !Abbreviates(typed, c.word) {
			continue
		}
		if len(c.word) == len(typed) {
			return []*node{c}
		}
		found = append(found, c)
	}
	return found
}

// stranger is what is said of a word that means nothing here.
func (n *node) stranger(w Words, first bool) string {
	switch {
	case first:
		return w.Unknown
	case len(n.next) == 0:
		return w.Extra
	default:
		return w.Invalid
	}
}

// lacking is what is said of a line that ends here.
func (n *node) lacking(w Words) string {
	if slices.ContainsFunc(n.next, func(c *node) bool { return c.argument == nil }) {
		return w.Incomplete
	}
	return w.Missing
}

func textOf(words []Word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}
