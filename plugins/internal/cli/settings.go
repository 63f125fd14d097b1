package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
)

// The bounds and defaults of settings.
const (
	// defaultDeadline is several times what a busy switch takes for the longest answer but that of a save.
	defaultDeadline = 30 * time.Second
	minDeadline     = time.Second
	maxDeadline     = 10 * time.Minute
	// minIdle keeps a session open between the steps of one visit; after maxIdle it is closed anyway.
	minIdle = time.Second
	maxIdle = time.Minute
	// defaultSessions leaves the other sessions of a small device to its administrators.
	defaultSessions = 1
	maxSessions     = 16
	maxText         = 255
)

// Settings are what a switch is registered with.
type Settings struct {
	Hostname          string
	Username          string
	Password, Enable  sdk.Secret
	Transport         string
	TCPPort           int // 0 is the transport's own
	DummyVLAN         int // 0 if the family needs none
	Save, CreateVLANs bool
	SessionLimit      int
	IdleClose         time.Duration // 0 leaves it to the SDK
	Deadline          time.Duration
}

// written are the settings as they are written.
type written struct {
	Hostname       string          `json:"hostname" required:"true"`
	Username       string          `json:"username" required:"true"`
	Password       sdk.Secret      `json:"password" required:"true"`
	DummyVLAN      json.RawMessage `json:"dummy_vlan"`
	Transport      *string         `json:"transport"`
	TCPPort        *int            `json:"port"`
	EnablePassword sdk.Secret      `json:"enable_password"`
	Save           *bool           `json:"save"`
	CreateVLANs    *bool           `json:"create_vlans"`
	SessionLimit   *int            `json:"session_limit"`
	IdleClose      *string         `json:"idle_close"`
	Deadline       *string         `json:"deadline"`
}

// hostname is a name or an address, which a resolver takes and nothing else understands.
var hostname = regexp.MustCompile(`\A[0-9A-Za-z]([0-9A-Za-z._-]*[0-9A-Za-z])?\z`)

// Settings reads and checks the settings of a switch of the family, which is saved or not if they do not say. The error
// is Invalid and names every wrong member.
func (f Family) Settings(raw sdk.Settings, save bool) (Settings, error) {
	var w written
	if err := raw.Decode(&w); err != nil {
		return Settings{}, err
	}
	s := Settings{
		Hostname: w.Hostname, Username: w.Username, Password: w.Password, Enable: w.EnablePassword,
		Transport: console.Telnet, Save: save, CreateVLANs: true, SessionLimit: defaultSessions, Deadline: defaultDeadline,
	}
	var c complaints
	c.add("hostname", s.checkHostname())
	c.add("username", checkTyped(w.Username))
	c.add("password", checkTyped(w.Password.Reveal()))
	c.add("enable_password", checkTyped(w.EnablePassword.Reveal()))
	c.add("transport", set(&s.Transport, w.Transport, oneOf(console.Telnet, console.SSH)))
	c.add("port", set(&s.TCPPort, w.TCPPort, within(1, 65535)))
	c.add("session_limit", set(&s.SessionLimit, w.SessionLimit, within(1, maxSessions)))
	c.add("idle_close", setDuration(&s.IdleClose, w.IdleClose, minIdle, maxIdle))
	c.add("deadline", setDuration(&s.Deadline, w.Deadline, minDeadline, maxDeadline))
	c.add("dummy_vlan", f.setDummy(&s.DummyVLAN, w.DummyVLAN))
	c.add("save", set(&s.Save, w.Save, anyOf[bool]))
	c.add("create_vlans", set(&s.CreateVLANs, w.CreateVLANs, anyOf[bool]))
	return s, c.err()
}

// Address is where the switch listens, which tells devices apart.
func (s Settings) Address() string {
	port := s.TCPPort
	if port == 0 {
		port = map[string]int{console.Telnet: 23, console.SSH: 22}[s.Transport]
	}
	return net.JoinHostPort(strings.ToLower(s.Hostname), strconv.Itoa(port))
}

func (s Settings) checkHostname() error {
	if len(s.Hostname) <= maxText && (hostname.MatchString(s.Hostname) || net.ParseIP(s.Hostname) != nil) {
		return nil
	}
	return errors.New("must be a host name or an IP address, without a port")
}

// checkTyped refuses what would press other keys on its way into a login.
func checkTyped(text string) error {
	if len(text) > maxText || strings.ContainsFunc(text, unicode.IsControl) {
		return fmt.Errorf("must have at most %d characters, and no control characters", maxText)
	}
	return nil
}

// setDummy takes a number, or the text of one as old clients send it.
func (f Family) setDummy(to *int, raw json.RawMessage) error {
	switch {
	case f.NeedsDummy && raw == nil:
		return errors.New("must be given")
	case !f.NeedsDummy && raw == nil:
		return nil
	case !f.NeedsDummy:
		return errors.New("is not a setting of this type; remove it")
	}
	id, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	if err != nil || id < 2 || !AllVLANs().Minus(f.Reserved).Has(id) {
		return errors.New(f.dummyWords())
	}
	*to = id
	return nil
}

// dummyWords say which VLANs stand for none.
func (f Family) dummyWords() string {
	return "must be the id of a VLAN that does not exist on the switch, one of " + AllVLANs().Minus(f.Reserved.Plus(VLANsOf(1))).String() +
		"; VLAN 1 always exists, and ports are on it by default"
}

func set[T any](to, given *T, check func(T) error) error {
	if given == nil {
		return nil
	}
	*to = *given
	return check(*given)
}

func anyOf[T any](T) error { return nil }

func oneOf(words ...string) func(string) error {
	return func(given string) error {
		for _, w := range words {
			if given == w {
				return nil
			}
		}
		return errors.New("must be " + strings.Join(words, " or "))
	}
}

func within(least, most int) func(int) error {
	return func(given int) error {
		if given < least || given > most {
			return fmt.Errorf("must be from %d to %d", least, most)
		}
		return nil
	}
}

func setDuration(to *time.Duration, given *string, least, most time.Duration) error {
	if given == nil {
		return nil
	}
	d, err := time.ParseDuration(*given)
	if err != nil || d < least || d > most {
		return fmt.Errorf("must be a duration from %s to %s, such as 30s", least, most)
	}
	*to = d
	return nil
}

// complaints collects what is wrong with settings.
type complaints []sdk.FieldError

func (c *complaints) add(field string, err error) {
	if err != nil {
		*c = append(*c, sdk.FieldError{Field: field, Text: err.Error()})
	}
}

func (c complaints) err() error {
	if len(c) == 0 {
		return nil
	}
	return &sdk.Error{Code: sdk.Invalid, Text: "settings", Fields: c}
}
