package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/sdk"
)

const (
	defaultPort = 623
	// defaultSilence is how long a controller may say nothing: some take two seconds while their host starts.
	defaultSilence = 4 * time.Second
	minSilence     = 200 * time.Millisecond
	maxSilence     = time.Minute
	// The lengths that IPMI v2.0 has room for. Longer ones would be cut, and anything with the same beginning let in.
	maxUser     = 16
	maxPassword = 20
	maxHost     = 255
)

// settings are what a controller is registered with.
type settings struct {
	host, user string
	password   sdk.Secret
	port       int
	privilege  types.PrivilegeLevel
	suite      types.CipherSuiteID
	silence    time.Duration
}

// written are the settings as they are written; the first three are those of the predecessor.
type written struct {
	Host        string     `json:"host" required:"true"`
	User        string     `json:"user" required:"true"`
	Password    sdk.Secret `json:"password" required:"true"`
	Port        *int       `json:"port"`
	Privilege   *string    `json:"privilege"`
	CipherSuite *int       `json:"cipher_suite"`
	Timeout     *string    `json:"timeout"`
}

var privileges = map[string]types.PrivilegeLevel{
	"user":          types.PrivilegeLevelUser,
	"operator":      types.PrivilegeLevelOperator,
	"administrator": types.PrivilegeLevelAdministrator,
}

// suites are those that encrypt with AES and prove with SHA who speaks; the others do it badly or not at all.
var suites = []int{3, 17}

// hostname is a name or an address, which a resolver takes and nothing else understands.
var hostname = regexp.MustCompile(`\A[0-9A-Za-z]([0-9A-Za-z._-]*[0-9A-Za-z])?\z`)

// readSettings reads and checks a target's settings. The error is Invalid and names every wrong member.
func readSettings(target sdk.Target) (settings, error) {
	var w written
	if err := target.Settings.Decode(&w); err != nil {
		return settings{}, err
	}
	s := settings{
		host: w.Host, user: w.User, password: w.Password, port: defaultPort, privilege: types.PrivilegeLevelAdministrator,
		suite: types.CipherSuiteID3, silence: defaultSilence,
	}
	var c complaints
	c.add("host", checkHost(w.Host))
	c.add("user", checkLength(w.User, maxUser))
	c.add("password", checkLength(w.Password.Reveal(), maxPassword))
	c.add("port", s.setPort(w.Port))
	c.add("privilege", s.setPrivilege(w.Privilege))
	c.add("cipher_suite", s.setSuite(w.CipherSuite))
	if w.Timeout != nil {
		c.add("timeout", setDuration(&s.silence, *w.Timeout, minSilence, maxSilence))
	}
	return s, c.err()
}

// address is where the controller listens, which tells controllers apart.
func (s settings) address() string {
	return net.JoinHostPort(strings.ToLower(s.host), strconv.Itoa(s.port))
}

func checkHost(host string) error {
	if len(host) <= maxHost && (hostname.MatchString(host) || net.ParseIP(host) != nil) {
		return nil
	}
	return errors.New("must be a host name or an IP address, without a port")
}

func checkLength(text string, most int) error {
	if len(text) > most || strings.ContainsRune(text, 0) {
		return fmt.Errorf("must have at most %d bytes, none of them zero: IPMI 2.0 has no room for more", most)
	}
	return nil
}

func (s *settings) setPort(given *int) error {
	if given == nil {
		return nil
	}
	if *given < 1 || *given > 65535 {
		return errors.New("must be from 1 to 65535")
	}
	s.port = *given
	return nil
}

func (s *settings) setPrivilege(given *string) error {
	if given == nil {
		return nil
	}
	level, ok := privileges[*given]
	if !ok {
		return errors.New("must be user, operator or administrator")
	}
	s.privilege = level
	return nil
}

func (s *settings) setSuite(given *int) error {
	if given == nil {
		return nil
	}
	if !slices.Contains(suites, *given) {
		return errors.New("must be 3 or 17: the others encrypt badly or not at all")
	}
	s.suite = types.CipherSuiteID(*given)
	return nil
}

func setDuration(to *time.Duration, given string, least, most time.Duration) error {
	d, err := time.ParseDuration(given)
	if err != nil || d < least || d > most {
		return fmt.Errorf(`must be a time from %v to %v, such as "%v"`, least, most, *to)
	}
	*to = d
	return nil
}

// complaints gathers what is wrong with settings.
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
	slices.SortFunc(c, func(a, b sdk.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return &sdk.Error{Code: sdk.Invalid, Text: "settings", Fields: c}
}

// schema is the JSON Schema of the settings.
func schema() json.RawMessage {
	return json.RawMessage(`{
  "type": "object",
  "required": ["host", "user", "password"],
  "additionalProperties": false,
  "properties": {
    "host": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Name or address of the controller"},
    "user": {"type": "string", "minLength": 1, "maxLength": 16, "description": "Account on the controller"},
    "password": {"type": "string", "minLength": 1, "maxLength": 20, "writeOnly": true, "description": "The account's password"},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 623, "description": "UDP port of the controller"},
    "privilege": {"type": "string", "enum": ["user", "operator", "administrator"], "default": "administrator",
      "description": "Privilege to ask for; some controllers refuse more than the account has"},
    "cipher_suite": {"type": "integer", "enum": [3, 17], "default": 3, "description": "Cipher suite of IPMI 2.0"},
    "timeout": {"type": "string", "default": "4s", "description": "How long the controller may be silent"}
  }
}`)
}
