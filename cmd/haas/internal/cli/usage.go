package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// usage is a command's line of usage, such as "connect NODE NIC NETWORK [CHANNEL]". It is the one place that says how
// many arguments there are, how they are called, which may be left out ([X]), which words are possible (on|off), and
// whether the last one repeats (X...). Checks, help and completion all follow it.
type usage string

func (u usage) name() string { return strings.Fields(string(u))[0] }

func (u usage) words() []string { return strings.Fields(string(u))[1:] }

// word is the i-th argument's, without the signs around it; empty if there is none.
func (u usage) word(i int) string {
	words := u.words()
	if n := len(words); n > 0 && i >= n && strings.HasSuffix(words[n-1], "...") {
		i = n - 1
	}
	if i >= len(words) {
		return ""
	}
	return bare(words[i])
}

func bare(word string) string { return strings.TrimSuffix(strings.Trim(word, "[]"), "...") }

func choices(word string) []string {
	if !strings.Contains(word, "|") {
		return nil
	}
	return strings.Split(word, "|")
}

// index is where the argument called name stands, -1 if nowhere.
func (u usage) index(name string) int {
	return slices.IndexFunc(u.words(), func(word string) bool { return bare(word) == name })
}

// check says what is wrong with a command's arguments.
func (u usage) check(args []string) error {
	words := u.words()
	for i, word := range words {
		if i >= len(args) && !strings.HasPrefix(word, "[") && !strings.HasSuffix(word, "...") {
			return errors.New(bare(word) + " is missing")
		}
	}
	for i, arg := range args {
		word := u.word(i)
		if word == "" {
			return fmt.Errorf("%q is one argument too many", arg)
		}
		if err := checkArg(word, arg); err != nil {
			return err
		}
	}
	return nil
}

// checkArg refuses what cannot be meant: names that are empty, as those of unset shell variables, or that would lead
// to another path of the API.
func checkArg(word, arg string) error {
	allowed := choices(word)
	switch {
	case allowed != nil && !slices.Contains(allowed, arg):
		return fmt.Errorf("%q is none of %s", arg, strings.Join(allowed, ", "))
	case arg == "" && !mayBeEmpty(word):
		return errors.New(word + " is empty")
	case arg == "." || arg == "..":
		return fmt.Errorf("%s cannot be %q", word, arg)
	}
	return nil
}

func mayBeEmpty(word string) bool {
	return slices.Contains([]string{"ACCESS", "NET_ID", "CHANNEL", "VALUE", "SETTING"}, word)
}
