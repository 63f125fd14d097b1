package config

import (
	"maps"
	"regexp"
	"time"

	"github.com/hashicorp/go-hclog"
)

// setter puts one value into the settings; its error is the rest of a sentence that begins with the key.
type setter func(c *Config, value string) error

// schema is every section and key there is, but for the sections of drivers.
func schema() map[string]map[string]setter {
	s := map[string]map[string]setter{
		"general": {
			"log_level": into(level, func(c *Config) *hclog.Level { return &c.General.LogLevel }),
			"log_dir":   into(text, func(c *Config) *string { return &c.General.LogDir }),
		},
		"server": {
			"listen":    into(address, func(c *Config) *string { return &c.Server.Listen }),
			"tls_cert":  into(text, func(c *Config) *string { return &c.Server.TLSCert }),
			"tls_key":   into(text, func(c *Config) *string { return &c.Server.TLSKey }),
			"advertise": into(webURL, func(c *Config) *string { return &c.Server.Advertise }),
		},
		"console": {
			"log_dir":  into(text, func(c *Config) *string { return &c.Console.LogDir }),
			"log_size": into(size, func(c *Config) *int64 { return &c.Console.LogSize }),
		},
		"auth": {
			"require_authentication": into(boolean, func(c *Config) *bool { return &c.Auth.RequireAuthentication }),
		},
		"headnode": headnodeKeys(),
		"client":   {"endpoint": into(webURL, func(c *Config) *string { return &c.Client.Endpoint })},
		"database": {"uri": into(ParseDatabaseURI, func(c *Config) *DatabaseURI { return &c.Database.URI })},
		"devel": {
			"dry_run": into(flag, func(c *Config) *bool { return &c.Devel.DryRun }),
			"debug":   into(flag, func(c *Config) *bool { return &c.Devel.Debug }),
		},
		"maintenance": {
			"maintenance_project": into(text, func(c *Config) *string { return &c.Maintenance.Project }),
			"url":                 into(webURL, func(c *Config) *string { return &c.Maintenance.URL }),
			"shutdown":            into(flag, func(c *Config) *bool { return &c.Maintenance.Shutdown }),
		},
		"plugins": {
			"dir":     into(text, func(c *Config) *string { return &c.Plugins.Dir }),
			"run_dir": into(text, func(c *Config) *string { return &c.Plugins.RunDir }),
		},
		"fabric": {
			"retries":         into(count, func(c *Config) *int { return &c.Fabric.Retries }),
			"retry_delay":     into(duration, func(c *Config) *time.Duration { return &c.Fabric.RetryDelay }),
			"retry_max_delay": into(duration, func(c *Config) *time.Duration { return &c.Fabric.RetryMaxDelay }),
			"save_delay":      into(duration, func(c *Config) *time.Duration { return &c.Fabric.SaveDelay }),
			"visit_timeout":   into(duration, func(c *Config) *time.Duration { return &c.Fabric.VisitTimeout }),
			"lease":           into(duration, func(c *Config) *time.Duration { return &c.Fabric.Lease }),
			"linger":          into(durationOrNone, func(c *Config) *time.Duration { return &c.Fabric.Linger }),
			"check_interval":  into(durationOrNone, func(c *Config) *time.Duration { return &c.Fabric.CheckInterval }),
		},
		"power": {
			"interval": into(durationOrNone, func(c *Config) *time.Duration { return &c.Power.Interval }),
			"rate":     into(rate, func(c *Config) *int { return &c.Power.Rate }),
		},
		"network-daemon": {"sleep_time": into(sleepTime, func(c *Config) *time.Duration { return &c.Fabric.Poll })},
		"extensions":     extensionKeys(),
	}
	maps.Copy(s, extensionSections())
	return s
}

// into makes the setter of one field.
func into[T any](parse func(string) (T, error), field func(*Config) *T) setter {
	return func(c *Config, value string) error {
		v, err := parse(value)
		if err != nil {
			return err
		}
		*field(c) = v
		return nil
	}
}

// driverName is the name of a driver: its program's, its folder's and its section's.
var driverName = regexp.MustCompile(`^(switch|obm|headnode)(-[a-z0-9]+)+$`)
