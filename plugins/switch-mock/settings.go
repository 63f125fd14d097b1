package main

import (
	"encoding/json"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk"
)

// faults are the ways a mock switch can misbehave.
type faults struct {
	mock.Faults
	// Crash is the probability that the driver dies in the middle of an Apply.
	Crash float64
	// Lie is the probability that a port's change is accepted and not made.
	Lie float64
}

// settings are what a mock switch is registered with.
type settings struct {
	Hostname string     `json:"hostname"`
	Username string     `json:"username"`
	Password sdk.Secret `json:"password"`
	// The faults of this switch. They are not embedded: a complaint would name them by the embedded struct.
	Delay *string  `json:"delay"`
	Fail  *float64 `json:"fail"`
	Hang  *float64 `json:"hang"`
	Crash *float64 `json:"crash"`
	Lie   *float64 `json:"lie"`
	Seed  *uint64  `json:"seed"`
}

// readSettings gives a target's settings, and its faults: the general ones unless it has its own.
func readSettings(target sdk.Target, general faults) (settings, faults, error) {
	var s settings
	if err := target.Settings.Decode(&s); err != nil {
		return s, general, err
	}
	var c mock.Complaints
	c.Require("hostname", s.Hostname)
	c.Require("username", s.Username)
	c.Require("password", s.Password.Reveal())
	f := general
	f.Faults = mock.Overrides{Delay: s.Delay, Fail: s.Fail, Hang: s.Hang, Seed: s.Seed}.Apply(f.Faults, &c)
	if s.Crash != nil {
		c.Add("crash", mock.SetChance(&f.Crash, *s.Crash))
	}
	if s.Lie != nil {
		c.Add("lie", mock.SetChance(&f.Lie, *s.Lie))
	}
	return s, f, c.Err()
}

func settingsSchema() (json.RawMessage, error) {
	return mock.Schema([]string{"hostname", "username", "password"}, mock.FaultProperties(), map[string]mock.Property{
		"hostname": mock.Text("Name of the switch"),
		"username": mock.Text("Administrator of the switch"),
		"password": mock.Password("The administrator's password"),
		"crash":    mock.Probability("How often the driver dies in the middle of a change"),
		"lie":      mock.Probability("How often a change is accepted and not made"),
	})
}
