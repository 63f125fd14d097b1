package console

import (
	"net"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
)

// patience is the Deadline of a Config that has none: longer than a switch needs to save its configuration.
const patience = time.Minute

// checked is the config with its defaults, or what is wrong with it.
func (c Config) checked() (Config, error) {
	if c.Transport == "" {
		c.Transport = Telnet
	}
	if c.Deadline <= 0 {
		c.Deadline = patience
	}
	if c.Log == nil {
		c.Log = hclog.NewNullLogger()
	}
	c.Log = c.Log.With("host", c.Host)
	if c.Port == 0 {
		c.Port = map[string]int{Telnet: 23, SSH: 22}[c.Transport]
	}
	if wrong := c.wrong(); wrong != "" {
		return c, &sdk.Error{Code: sdk.Invalid, Text: wrong}
	}
	return c, nil
}

func (c Config) wrong() string {
	switch {
	case c.Host == "":
		return "no host to talk to"
	case c.Transport != Telnet && c.Transport != SSH:
		return "the transport is neither " + Telnet + " nor " + SSH
	case c.Transport == SSH && c.KnownHosts == "":
		return "SSH needs a file in which host keys are pinned"
	case c.Dialect.Prompt == nil || c.Dialect.Probe == "":
		return "a dialect needs a prompt and a probe"
	case untypable(c.Username):
		return "the user name has characters that cannot be typed"
	case untypable(c.Password.Reveal()) || untypable(c.Enable.Reveal()):
		return "a password has characters that cannot be typed"
	default:
		return ""
	}
}

func (c Config) address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// untypable reports whether a device would take a character of text for a key: Enter, Tab, Escape.
func untypable(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }
