package main

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk"
)

// settings are what a mock controller is registered with.
type settings struct {
	Host     string     `json:"host"`
	User     string     `json:"user"`
	Password sdk.Secret `json:"password"`
	// The faults of this controller. They are not embedded: a complaint would name them by the embedded struct.
	Delay *string  `json:"delay"`
	Fail  *float64 `json:"fail"`
	Hang  *float64 `json:"hang"`
	Seed  *uint64  `json:"seed"`
}

// readSettings gives a target's settings, and its faults: the general ones unless it has its own.
func readSettings(target sdk.Target, general mock.Faults) (settings, mock.Faults, error) {
	var s settings
	if err := target.Settings.Decode(&s); err != nil {
		return s, general, err
	}
	var c mock.Complaints
	c.Require("host", s.Host)
	c.Require("user", s.User)
	c.Require("password", s.Password.Reveal())
	f := mock.Overrides{Delay: s.Delay, Fail: s.Fail, Hang: s.Hang, Seed: s.Seed}.Apply(general, &c)
	return s, f, c.Err()
}

func settingsSchema() (json.RawMessage, error) {
	return mock.Schema([]string{"host", "user", "password"}, mock.FaultProperties(), map[string]mock.Property{
		"host":     mock.Text("Name of the controller"),
		"user":     mock.Text("Administrator of the controller"),
		"password": mock.Password("The administrator's password"),
	})
}

// parseURLs reads a list of absolute URLs, divided by commas.
func parseURLs(urls *[]string, text string) error {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		u, err := url.Parse(part)
		if err != nil || u.Scheme == "" || u.Host == "" {
			return errors.New("must be a list of type URLs, divided by commas")
		}
		*urls = append(*urls, part)
	}
	return nil
}
