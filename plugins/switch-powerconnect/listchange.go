package main

import (
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
)

// listChange is the end of a line on the VLANs that a port lets through: "add 10,20-30", "remove 5", "none".
type listChange struct {
	// verb is "add", "remove" or "set".
	verb string
	list cli.VLANs
}

func parseChange(text string) (listChange, error) {
	words := strings.Fields(text)
	switch {
	case text == "none":
		return listChange{verb: "set"}, nil
	case text == "all":
		return listChange{verb: "set", list: cli.AllVLANs()}, nil
	case len(words) < 2:
		list, err := cli.ParseVLANs(text)
		return listChange{verb: "set", list: list}, err
	}
	list, err := cli.ParseVLANs(words[1])
	switch words[0] {
	case "add", "remove": // a word on tags may follow
		return listChange{verb: words[0], list: list}, err
	case "except":
		return listChange{verb: "set", list: cli.AllVLANs().Minus(list)}, err
	}
	return listChange{}, fmt.Errorf("it is not known what %q does", words[0])
}

// apply is what is let through afterwards.
func (c listChange) apply(before cli.VLANs) cli.VLANs {
	switch c.verb {
	case "add":
		return before.Plus(c.list)
	case "remove":
		return before.Minus(c.list)
	default:
		return c.list
	}
}
