// Package console is conversations with devices that have a command line, over telnet or SSH: log in, learn the prompt,
// switch paging off, type a line, take the device at its words. A driver's author describes the family in a Dialect and
// writes lines; everything that goes wrong between typing and believing is handled here. It knows no VLANs and no vendor.
//
// A line is entered only after the device has echoed it just as it was typed: a character lost on the way to "interface
// ethernet 1/12" would configure another machine's port.
package console

import (
	"regexp"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
)

// The transports.
const (
	Telnet = "telnet"
	SSH    = "ssh"
)

// Config is whom to talk to, and how.
type Config struct {
	Dialect Dialect
	// Transport is Telnet or SSH; empty is Telnet.
	Transport string
	// Host is a name or an address; Port is 0 for the transport's own.
	Host string
	Port int
	// Username and Password log in. Enable is the password for more privilege, empty if the device asks for none.
	Username         string
	Password, Enable sdk.Secret
	// KnownHosts is the file in which SSH host keys are pinned on first use; a changed key is Refused. It is required
	// for SSH.
	KnownHosts string
	// Deadline bounds each wait for the device: the connection, each step of the login, the echo and the answer of a line,
	// each page of it. 0 is a minute.
	Deadline time.Duration
	// Log takes the transcript, at debug level with secrets masked.
	Log hclog.Logger
}

// Dialect is how a family of devices talks. Patterns are matched against text without terminal control sequences, in
// which lines end in "\n".
type Dialect struct {
	// Username and Password match the questions of the login at the end of what the device has said.
	Username, Password *regexp.Regexp
	// Rejected matches the words for a wrong name or password; a question that comes again means the same.
	Rejected *regexp.Regexp
	// Full matches the words of a device that has no session left.
	Full *regexp.Regexp
	// Prompt matches a whole last line that may be a prompt. Its groups are named host, mode (what is configured, may be
	// absent) and level (the mark of privilege). The host is learnt at login, and from then on only it is believed.
	Prompt *regexp.Regexp
	// Privileged is what level says when everything is allowed, "#"; else the line Enable is entered.
	Privileged, Enable string
	// Probe is a line that does nothing, refused or not; its echo shows what the prompt is.
	Probe string
	// Setup are entered after the login: wide terminal, paging off.
	Setup []string
	// Pager matches a pager's question at the end of what the device has said, with the blank that may end it; More is the
	// key for a page.
	Pager *regexp.Regexp
	More  string
	// Noise matches whole lines that the device writes unasked, from their first character to their end; they are taken
	// out wherever they stand, also behind a prompt or in the midst of another line. Hence it must not begin with "^".
	Noise *regexp.Regexp
	// Errors are the words of a failed line; the first that matches decides.
	Errors []ErrorPattern
	// Width is how many characters a line may have, prompt included, so that the device echoes it unbroken; 0 is any.
	Width int
}

// ErrorPattern is a way in which devices say no.
type ErrorPattern struct {
	// Words matches within one line of an answer.
	Words *regexp.Regexp
	// Code is what that means; Retryable that the same line may work later.
	Code      sdk.Code
	Retryable bool
}
