package config

import (
	"errors"
	"net/url"
	"strings"
)

// DatabaseURI is where the database is: sqlite:///relative.db, sqlite:////absolute.db or postgresql://…. It may
// contain a password and does not print it.
type DatabaseURI string

// ParseDatabaseURI accepts what SQLAlchemy did, flavours such as postgresql+psycopg2:// included, and leaves the
// flavour out of its answer. Its errors repeat nothing of the text, which may be a password.
func ParseDatabaseURI(s string) (DatabaseURI, error) {
	flavoured, rest, _ := strings.Cut(s, "://")
	scheme, _, _ := strings.Cut(flavoured, "+")
	switch scheme {
	case "sqlite":
		return parseSQLite(rest)
	case "postgresql", "postgres":
		return parsePostgres(rest)
	}
	return "", errors.New("must begin with sqlite:/// or postgresql://")
}

func parseSQLite(rest string) (DatabaseURI, error) {
	if file, ok := strings.CutPrefix(rest, "/"); !ok || file == "" {
		return "", errors.New("names no file; write sqlite:///haas.db, or sqlite:////srv/haas.db for an absolute path")
	}
	return DatabaseURI("sqlite://" + rest), nil
}

func parsePostgres(rest string) (DatabaseURI, error) {
	u, err := url.Parse("postgresql://" + rest)
	if err != nil || u.Fragment != "" {
		return "", errors.New("is no URL; write postgresql://USER:PASSWORD@HOST/DATABASE with special characters " +
			"of the password as %XX")
	}
	if u.Host == "" && u.Path == "" {
		return "", errors.New("names no database; write postgresql://USER:PASSWORD@HOST/DATABASE")
	}
	return DatabaseURI(u.String()), nil
}

// Reveal is the whole URI, for the one place that opens the database.
func (u DatabaseURI) Reveal() string { return string(u) }

// String is the URI without user, password and options.
func (u DatabaseURI) String() string {
	parsed, err := url.Parse(string(u))
	if err != nil {
		return "[database]"
	}
	return parsed.Scheme + "://" + parsed.Host + parsed.Path
}

// GoString is the same for %#v.
func (u DatabaseURI) GoString() string { return u.String() }

// MarshalText is the same for JSON and structured logs.
func (u DatabaseURI) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

func (u DatabaseURI) hasPassword() bool {
	parsed, err := url.Parse(string(u))
	if err != nil {
		return false
	}
	_, set := parsed.User.Password()
	return set || parsed.Query().Has("password")
}
