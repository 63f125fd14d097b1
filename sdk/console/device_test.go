package console_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
)

const (
	password = "hunter2-pw"
	enablePw = "enable-pw-7"
)

// dialect is of no vendor: what all have, with a log line and a pager.
func dialect() console.Dialect {
	return console.Dialect{
		Username:   regexp.MustCompile(`(?i)(?:login|user name): *$`),
		Password:   regexp.MustCompile(`(?i)password: *$`),
		Rejected:   regexp.MustCompile(`Login incorrect`),
		Full:       regexp.MustCompile(`too many sessions`),
		Prompt:     regexp.MustCompile(`^(?P<host>[\w.-]+)(?:\((?P<mode>[a-z-]+)\))?(?P<level>[#>]) ?$`),
		Privileged: "#",
		Enable:     "enable",
		Probe:      "haas-probe",
		Setup:      []string{"terminal length 0"},
		Pager:      regexp.MustCompile(`--More--`),
		More:       " ",
		Noise:      regexp.MustCompile(`\d{4} Jul +\d+ \d\d:\d\d:\d\d \S+ %[A-Z_]+-\d-[A-Z_]+: .*`),
		Errors: []console.ErrorPattern{
			{Words: regexp.MustCompile(`^% Locked`), Code: sdk.Busy, Retryable: true},
			{Words: regexp.MustCompile(`^% `), Code: sdk.Refused},
		},
		Width: 80,
	}
}

const noise = "2021 Jul  5 17:27:50 sw %ETHPORT-5-IF_DOWN: Interface Ethernet1/3 is down(Config change)\r\n"

// script is a device's side of one conversation.
type script func(p *peer)

// peer is one connection on the device's side. A script that fails has met a client that went away.
type peer struct {
	in    *bufio.Reader
	out   io.Writer
	close func()
	chunk int // bytes that are written at once, 0 for all

	prompt string
	garble func(line string) string        // what is echoed
	reply  func(p *peer, line string) bool // prints the answer; false prints no prompt

	log *record
}

// record is what all peers of a device were sent.
type record struct {
	mu      sync.Mutex
	entered []string // guarded by mu
}

func (r *record) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entered = append(r.entered, line)
}

func (r *record) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.entered...)
}

func (p *peer) say(text string) {
	for len(text) > 0 {
		n := len(text)
		if p.chunk > 0 {
			n = min(p.chunk, n)
		}
		if _, err := io.WriteString(p.out, text[:n]); err != nil {
			return
		}
		text = text[n:]
	}
}

// key is the next byte, 0 at the end.
func (p *peer) key() byte {
	c, err := p.in.ReadByte()
	if err != nil {
		return 0
	}
	return c
}

// line reads to Enter, with or without echo.
func (p *peer) line(echo bool) (string, bool) {
	var line []byte
	for {
		c := p.key()
		switch c {
		case 0:
			return "", false
		case '\r':
			p.log.add(string(line))
			p.say("\r\r\n")
			return string(line), true
		}
		line = append(line, c)
		if echo && p.garble == nil {
			p.say(string(c))
		}
		if p.garble != nil && p.in.Buffered() == 0 {
			p.say(p.garble(string(line)))
		}
	}
}

// login asks once.
func (p *peer) login() bool {
	p.say("Nexus 5000 Switch\r\nlogin: ")
	name, _ := p.line(true)
	p.say("Password: ")
	word, ok := p.line(false)
	return ok && name == "haas" && word == password
}

// shell is a command line until the client goes away.
func (p *peer) shell() {
	for {
		p.say("\r" + p.prompt)
		for {
			line, ok := p.line(true)
			if !ok {
				return
			}
			if p.reply == nil || p.reply(p, line) {
				break
			}
		}
	}
}

// device serves a script to whoever connects, until the test ends.
func device(t *testing.T, s script) (console.Config, *record) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := &record{}
	var running sync.WaitGroup
	var conns []net.Conn
	var mu sync.Mutex
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			running.Go(func() {
				defer hangUp(c)
				s(&peer{in: bufio.NewReader(c), out: c, close: func() { hangUp(c) }, prompt: "sw# ", log: log})
			})
		}
	})
	t.Cleanup(func() {
		hangUp(l)
		mu.Lock()
		for _, c := range conns {
			hangUp(c)
		}
		mu.Unlock()
		running.Wait()
	})
	return config(t, l.Addr().String()), log
}

// hangUp closes what may be closed already.
func hangUp(c io.Closer) { _ = c.Close() }

func config(t *testing.T, address string) console.Config {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return console.Config{
		Dialect: dialect(), Host: host, Port: n, Username: "haas", Password: password, Deadline: 20 * time.Second,
		Log: hclog.NewNullLogger(),
	}
}

func open(t *testing.T, c console.Config) *console.Session {
	t.Helper()
	s, err := console.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// failing opens a session that must not open.
func failing(t *testing.T, c console.Config) *sdk.Error {
	t.Helper()
	s, err := console.Open(t.Context(), c)
	if err == nil {
		hangUp(s)
		t.Fatal("the session opened")
	}
	return asError(t, err)
}

func asError(t *testing.T, err error) *sdk.Error {
	t.Helper()
	e := &sdk.Error{}
	if err == nil {
		t.Fatal("no error")
	}
	if sdk.CodeOf(err) == sdk.Internal {
		t.Fatalf("not an error with a code: %v", err)
	}
	e = sdk.AsError(err)
	if strings.Contains(e.Text, password) || strings.Contains(e.Text, enablePw) {
		t.Errorf("the text has a secret: %s", e.Text)
	}
	return e
}

func wantError(t *testing.T, err error, code sdk.Code, retryable bool, words ...string) {
	t.Helper()
	e := asError(t, err)
	if e.Code != code || e.Retryable != retryable {
		t.Errorf("got %v, retryable %v: %s; want %v, %v", e.Code, e.Retryable, e.Text, code, retryable)
	}
	for _, w := range words {
		if !strings.Contains(e.Text, w) {
			t.Errorf("the text does not say %q: %s", w, e.Text)
		}
	}
}

func run(t *testing.T, s *console.Session, line, want string) {
	t.Helper()
	got, err := s.Run(t.Context(), line)
	if err != nil {
		t.Fatalf("run %q: %v", line, err)
	}
	if got != want {
		t.Errorf("%q printed %q, want %q", line, got, want)
	}
}

// transcript is a log at debug level that a test can read.
type transcript struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (w *transcript) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Write(p)
}

func (w *transcript) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

func (w *transcript) logger() hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Output: w, Level: hclog.Trace})
}
