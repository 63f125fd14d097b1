package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultAuth      = "haas.ext.auth.database"
	defaultAllocator = "haas.ext.network_allocators.vlan_pool"
)

// eras are the names under which the predecessor's modules went.
func eras() []string { return []string{"haas", "hil"} }

// extensions are the predecessor's modules; where the text is not empty, it says why one is refused. Those of
// switches and out-of-band management are accepted and load nothing: drivers are found in the plugin directory.
func extensions() map[string]string {
	return map[string]string{
		"auth.null":                    "",
		"auth.database":                "",
		"auth.mock":                    "was for the predecessor's own tests; use " + defaultAuth,
		"auth.keystone":                "is not supported; use " + defaultAuth,
		"network_allocators.null":      "",
		"network_allocators.vlan_pool": "",
		"switches.mock":                "",
		"switches.nexus":               "",
		"switches.dell":                "",
		"switches.n3000":               "",
		"switches.brocade":             "",
		"switches.dellnos9":            "",
		"switches.ovs":                 "",
		"obm.mock":                     "",
		"obm.ipmi":                     "",
	}
}

// switchDrivers tells which driver took over from a switch module of the predecessor that could save.
func switchDrivers() map[string]string {
	return map[string]string{
		"nexus":    "switch-nexus",
		"dell":     "switch-powerconnect",
		"n3000":    "switch-n3000",
		"brocade":  "switch-brocade",
		"dellnos9": "switch-dellnos9",
	}
}

// extensionKeys are the keys of [extensions].
func extensionKeys() map[string]setter {
	keys := map[string]setter{}
	for module, refusal := range extensions() {
		for _, era := range eras() {
			name := era + ".ext." + module
			keys[name] = func(c *Config, _ string) error {
				c.Extensions = append(c.Extensions, name)
				if refusal != "" {
					return errors.New(refusal)
				}
				return nil
			}
		}
	}
	return keys
}

// extensionSections are the sections in which the predecessor's modules found their settings.
func extensionSections() map[string]map[string]setter {
	sections := map[string]map[string]setter{}
	for _, era := range eras() {
		sections[era+".ext.network_allocators.vlan_pool"] = map[string]setter{
			"vlans": into(ParseVLANs, func(c *Config) *VLANSet { return &c.Network.VLANs }),
		}
		for module, driver := range switchDrivers() {
			name := era + ".ext.switches." + module
			sections[name] = map[string]setter{"save": saveSetter(driver, place{name, "save"})}
		}
	}
	return sections
}

// saveSetter hands the predecessor's save to the driver, unless the driver's own section says otherwise.
func saveSetter(driver string, from place) setter {
	return func(c *Config, value string) error {
		save, err := boolean(value)
		if err != nil {
			return err
		}
		if _, set := c.Drivers[driver]["save"]; !set {
			c.setDriver(driver, "save", strconv.FormatBool(save), from)
		}
		return nil
	}
}

func (c *Config) setDriver(driver, key, value string, from place) {
	if c.Drivers[driver] == nil {
		c.Drivers[driver] = Settings{}
	}
	c.Drivers[driver][key] = value
	c.origins[place{driver, key}] = from
}

// choose settles which authentication backend and which network allocator [extensions] asks for.
func (l *loader) choose() {
	if !l.has("extensions") {
		return
	}
	slices.Sort(l.cfg.Extensions)
	l.cfg.Extensions = slices.Compact(l.cfg.Extensions)
	l.cfg.Auth.Backend = l.one("auth", "authentication backend", defaultAuth, "haas.ext.auth.null")
	l.cfg.Network.Allocator = l.one("network_allocators", "network allocator", defaultAllocator,
		"haas.ext.network_allocators.null")
}

func (l *loader) one(kind, what string, known ...string) string {
	var chosen, keys []string
	for _, key := range l.cfg.Extensions {
		_, name, ok := strings.Cut(key, ".ext."+kind+".")
		if ok && !slices.Contains(chosen, name) {
			chosen, keys = append(chosen, name), append(keys, key)
		}
	}
	switch len(chosen) {
	case 0:
		l.problem(place{section: "extensions"}, fmt.Sprintf("names no %s; add one of %s =", what, strings.Join(known, " = and ")))
		return ""
	case 1:
		return chosen[0]
	default:
		l.problem(place{"extensions", keys[1]}, fmt.Sprintf("is a second %s beside %s; keep one of them", what, keys[0]))
		return ""
	}
}
