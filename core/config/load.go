package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Find is the path of the configuration: what HAAS_CONFIG names, else haas.cfg or hil.cfg in dir, else in /etc.
// ErrNoFile if there is none.
func Find(dir string, getenv func(string) string) (string, error) {
	if path := getenv("HAAS_CONFIG"); path != "" {
		return path, nil
	}
	places := []string{filepath.Join(dir, "haas.cfg"), filepath.Join(dir, "hil.cfg"), "/etc/haas.cfg", "/etc/hil.cfg"}
	for _, path := range places {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: looked for %s; put one there, or name yours in HAAS_CONFIG", ErrNoFile, strings.Join(places, ", "))
}

// Load reads the file at path. HAAS_ENDPOINT in the environment wins over the file's [client] endpoint. The error
// lists every mistake, each an *Error.
func Load(path string, getenv func(string) string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, err := Parse(path, text)
	if err != nil {
		return nil, err
	}
	if endpoint := getenv("HAAS_ENDPOINT"); endpoint != "" {
		c.Client.Endpoint = endpoint
	}
	c.warnReadable()
	return c, nil
}

// Parse reads the text of a configuration; name stands for the file in errors.
func Parse(name string, text []byte) (*Config, error) {
	sections, problems := read(name, text)
	l := loader{cfg: Default(), schema: schema(), problems: problems}
	l.cfg.File = name
	for _, s := range sections {
		l.section(s)
	}
	l.choose()
	l.check()
	if len(l.problems) > 0 {
		return nil, errors.Join(l.problems...)
	}
	return l.cfg, nil
}

// loader applies the sections of one file, and collects every mistake before it gives up.
type loader struct {
	cfg      *Config
	schema   map[string]map[string]setter
	problems []error
}

func (l *loader) section(s section) {
	if !l.has(s.name) {
		l.cfg.lines[place{section: s.name}] = s.line
	}
	keys, known := l.schema[s.name]
	switch {
	case driverName.MatchString(s.name):
		for _, e := range s.entries {
			l.mark(s, e)
			l.cfg.setDriver(s.name, e.key, e.value, place{s.name, e.key})
		}
	case known:
		l.beginExtensions(s)
		for _, e := range s.entries {
			l.mark(s, e)
			l.set(keys, s.name, e)
		}
	default:
		l.problem(place{section: s.name}, l.unknownSection(s.name))
	}
}

// beginExtensions drops the default extensions once the file names its own.
func (l *loader) beginExtensions(s section) {
	if s.name == "extensions" && l.cfg.lines[place{section: s.name}] == s.line {
		l.cfg.Extensions = nil
	}
}

// mark notes where a key stands. Given twice, the last one wins, as it did for the predecessor.
func (l *loader) mark(s section, e entry) {
	at := place{s.name, e.key}
	if first, twice := l.cfg.lines[at]; twice {
		l.warn(at, fmt.Sprintf("is set again on line %d, which wins; remove one", e.line), first)
	}
	l.cfg.lines[at] = e.line
}

func (l *loader) set(keys map[string]setter, section string, e entry) {
	at := place{section, e.key}
	set, known := keys[e.key]
	if !known {
		l.problem(at, l.unknownKey(keys, at))
		return
	}
	if err := set(l.cfg, e.value); err != nil {
		l.problem(at, err.Error())
	}
}

func (l *loader) unknownKey(keys map[string]setter, at place) string {
	known := slices.Collect(maps.Keys(keys))
	if nearest(at.key, known) != "" {
		return unknown("key", at.key, known)
	}
	for _, name := range slices.Sorted(maps.Keys(l.schema)) {
		if _, elsewhere := l.schema[name][at.key]; elsewhere {
			return "unknown key; it belongs in [" + name + "]"
		}
	}
	if at.section == "extensions" {
		return "unknown extension; Python modules are not loaded, drivers are programs in the directory of [plugins] dir"
	}
	return unknown("key", at.key, known)
}

func (l *loader) unknownSection(name string) string {
	if strings.HasSuffix(name, ".ext.auth.keystone") {
		return "keystone is not supported; remove the section and use " + defaultAuth
	}
	known := []string{}
	for s := range l.schema {
		known = append(known, "["+s+"]")
	}
	if near := nearest("["+name+"]", known); near != "" {
		return "unknown section; did you mean " + near + "?"
	}
	return "unknown section; a driver's is named as its program, like [switch-nexus], [obm-ipmi] or [headnode-libvirt]"
}

func (l *loader) has(section string) bool { return l.cfg.lines[place{section: section}] > 0 }

func (l *loader) problem(at place, text string) {
	l.problems = append(l.problems, l.error(at, text, l.cfg.lines[at]))
}

func (l *loader) warn(at place, text string, line int) {
	l.cfg.Warnings = append(l.cfg.Warnings, l.error(at, text, line).Error())
}

func (l *loader) error(at place, text string, line int) *Error {
	return &Error{File: l.cfg.File, Line: line, Section: at.section, Key: at.key, Text: text}
}
