package config

import (
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"
)

// The authentication backends and network allocators there are.
const (
	AuthNull          = "null"
	AuthDatabase      = "database"
	AllocatorNull     = "null"
	AllocatorVLANPool = "vlan_pool"
)

// Config is a whole haas.cfg. Relative paths in it are relative to the server's working directory.
type Config struct {
	// File is where the settings come from, empty for Default.
	File        string
	General     General
	Server      Server
	Console     Console
	Auth        Auth
	Network     Network
	Headnode    Headnode
	Client      Client
	Database    Database
	Devel       Devel
	Maintenance Maintenance
	Plugins     Plugins
	Fabric      Fabric
	Power       Power
	// Extensions are the names of [extensions], sorted, as list_active_extensions shows them.
	Extensions []string
	// Drivers are the settings of each driver by its name, as written: Drivers["switch-mock"]["delay"].
	Drivers map[string]Settings
	// Warnings are sentences for the operator about what works and should not stay so.
	Warnings []string

	origins map[place]place
	lines   map[place]int
}

// String is the name of the file; the settings themselves may contain secrets.
func (c *Config) String() string { return "configuration " + c.File }

// GoString is the same for %#v.
func (c *Config) GoString() string { return c.String() }

// General is [general].
type General struct {
	LogLevel hclog.Level
	// LogDir is the directory of haas.log; empty means standard error.
	LogDir string
}

// Server is [server].
type Server struct {
	// Listen is HOST:PORT; port 0 takes a free one.
	Listen string
	// TLSCert and TLSKey are PEM files. Both empty means plain HTTP.
	TLSCert, TLSKey string
	// Advertise is the URL at which other servers on the same database reach this one; empty if they cannot.
	Advertise string
}

// Console is [console].
type Console struct {
	// LogDir is the folder of the logs of serial consoles.
	LogDir string
	// LogSize is how many bytes of each console are kept at the most.
	LogSize int64
}

// Auth is [auth], and the backend of [extensions].
type Auth struct {
	Backend string
	// RequireAuthentication refuses anonymous callers everywhere.
	RequireAuthentication bool
}

// Network is the allocator of [extensions], and its VLANs.
type Network struct {
	Allocator string
	VLANs     VLANSet
}

// Client is [client].
type Client struct {
	Endpoint string
}

// Database is [database].
type Database struct {
	URI DatabaseURI
}

// Devel is [devel].
type Devel struct {
	// DryRun keeps the server from touching nodes and headnodes.
	DryRun bool
	Debug  bool
}

// Maintenance is [maintenance]: where released nodes go. It is off while Project is empty.
type Maintenance struct {
	Project string
	// URL is told each released node by a POST.
	URL string
	// Shutdown powers a released node off.
	Shutdown bool
}

// Plugins is [plugins].
type Plugins struct {
	// Dir holds the driver programs.
	Dir string
	// RunDir holds what the server and its drivers need while they run: sockets, state of mock devices.
	RunDir string
}

// Fabric is [fabric], and the poll interval of [network-daemon].
type Fabric struct {
	// Retries is how often a change is tried before its action ends in ERROR.
	Retries int
	// RetryDelay is the wait before the first repetition; it doubles up to RetryMaxDelay.
	RetryDelay, RetryMaxDelay time.Duration
	// SaveDelay is how long a change stays unsaved on a switch, so that one save serves a burst.
	SaveDelay time.Duration
	// VisitTimeout is the longest a visit to a switch may take.
	VisitTimeout time.Duration
	// Lease is how long a switch stays with a server that no longer answers.
	Lease time.Duration
	// Linger is how long a session with a switch is kept after the last work.
	Linger time.Duration
	// CheckInterval is how often all ports of a switch are held against its running configuration; 0 means never.
	CheckInterval time.Duration
	// Poll is how often the database is asked for work that nobody announced.
	Poll time.Duration
}

// Power is [power]: how the server keeps an eye on the power of all nodes.
type Power struct {
	// Interval is how often each node is asked; 0 means only if somebody wants to know.
	Interval time.Duration
	// Rate is how many nodes all servers together ask in a second.
	Rate int
}

// Settings are a driver's own settings as written. They may contain secrets, and do not print themselves.
type Settings map[string]string

// String hides the settings.
func (Settings) String() string { return "[settings]" }

// GoString hides the settings from %#v.
func (Settings) GoString() string { return "[settings]" }

// Default are the settings of an empty file: passwords asked for, SQLite in the working directory.
func Default() *Config {
	return &Config{
		General:  General{LogLevel: hclog.Warn},
		Server:   Server{Listen: "127.0.0.1:5000"},
		Console:  Console{LogDir: "consoles", LogSize: 4 << 20},
		Auth:     Auth{Backend: AuthDatabase, RequireAuthentication: true},
		Network:  Network{Allocator: AllocatorVLANPool},
		Headnode: Headnode{Driver: mockHeadnode},
		Database: Database{URI: "sqlite:///haas.db"},
		Plugins:  Plugins{Dir: besideProgram("plugins"), RunDir: "run"},
		Fabric: Fabric{
			Retries: 8, RetryDelay: time.Second, RetryMaxDelay: time.Minute,
			SaveDelay: 5 * time.Second, VisitTimeout: 2 * time.Minute,
			Lease: 15 * time.Second, Poll: 2 * time.Second,
			Linger: 30 * time.Second, CheckInterval: 10 * time.Minute,
		},
		Power:      Power{Interval: 2 * time.Minute, Rate: 50},
		Extensions: []string{defaultAuth, defaultAllocator},
		Drivers:    map[string]Settings{},
		origins:    map[place]place{},
		lines:      map[place]int{},
	}
}

// besideProgram makes a build tree and an installed one work from any working directory.
func besideProgram(name string) string {
	program, err := os.Executable()
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(program), name)
}

// DriverError says that a driver refused one of its settings, with the line the setting stands on.
func (c *Config) DriverError(driver, key, text string) *Error {
	at, ok := c.origins[place{driver, key}]
	if !ok {
		at = place{driver, key}
	}
	return &Error{File: c.File, Line: c.lines[at], Section: at.section, Key: at.key, Text: text}
}
