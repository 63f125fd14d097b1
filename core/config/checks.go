package config

import (
	"os"
	"slices"
	"strings"
	"time"
)

// check applies the rules that concern more than one key.
func (l *loader) check() {
	l.checkTogether("maintenance", []string{"maintenance_project", "url"}, "shutdown")
	l.checkTogether("server", []string{"tls_cert", "tls_key"})
	l.checkPool()
	l.chooseHeadnode()
	if l.cfg.Fabric.Poll > time.Minute {
		at := place{"network-daemon", "sleep_time"}
		l.warn(at, "is above 60 seconds; changes made by another server may wait that long", l.cfg.lines[at])
	}
}

// checkTogether refuses a section that has some of the keys, or one of those that mean nothing without, and not all.
func (l *loader) checkTogether(section string, keys []string, also ...string) {
	given := func(key string) bool { return l.given(section, key) }
	if !slices.ContainsFunc(slices.Concat(keys, also), given) {
		return
	}
	for _, key := range keys {
		if !given(key) {
			at := place{section, key}
			text := "is missing; the section needs " + strings.Join(keys, " and ")
			l.problems = append(l.problems, l.error(at, text, l.cfg.lines[place{section: section}]))
		}
	}
}

func (l *loader) given(section, key string) bool { return l.cfg.lines[place{section, key}] > 0 }

// checkPool wants VLANs for a pool that was asked for, and says when VLANs are given to no pool.
func (l *loader) checkPool() {
	for _, era := range eras() {
		pool := era + ".ext.network_allocators.vlan_pool"
		at := place{pool, "vlans"}
		switch {
		case l.given(pool, "vlans"):
			l.warnUnusedPool(at)
			return
		case l.given("extensions", pool):
			l.problem(place{"extensions", pool}, "needs its VLANs; write ["+pool+"] and below it vlans = 14,35-40")
			return
		}
	}
	if l.cfg.Network.Allocator == AllocatorVLANPool {
		at := place{defaultAllocator, "vlans"}
		l.warn(at, "is missing: only administrators can create networks, each with its net_id", 0)
	}
}

func (l *loader) warnUnusedPool(at place) {
	if l.cfg.Network.Allocator == AllocatorNull {
		l.warn(at, "is not used: [extensions] names another allocator", l.cfg.lines[at])
	}
}

// warnReadable tells when everybody on the machine can read the database's password.
func (c *Config) warnReadable() {
	info, err := os.Stat(c.File)
	if err != nil || info.Mode().Perm()&0o004 == 0 || !c.Database.URI.hasPassword() {
		return
	}
	e := Error{File: c.File, Text: "is readable by everybody and contains the database's password; run chmod o-r " + c.File}
	c.Warnings = append(c.Warnings, e.Error())
}
