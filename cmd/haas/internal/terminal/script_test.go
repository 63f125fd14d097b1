package terminal_test

import (
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote/remotetest"
	"github.com/CCI-MOC/haas/cmd/haas/internal/terminal"
	"github.com/CCI-MOC/haas/openapi/client"
)

// paper is an output that a test can look at meanwhile.
type paper struct {
	mu   sync.Mutex
	text strings.Builder
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

// String is what was printed so far.
func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// script is a session without a terminal.
type script struct {
	console  *remotetest.Console
	server   *remotetest.Visit
	leave    func()
	done     chan error
	out, err paper
}

func newScript(t *testing.T, in io.Reader, o terminal.Options) *script {
	t.Helper()
	s := &script{console: remotetest.NewConsole(t)}
	o.In, o.Out, o.Err = in, &s.out, &s.err
	s.leave, s.done = run(t, s.console, o)
	s.server = s.console.Next(t)
	s.server.Welcome("s", 0)
	return s
}

// ended waits for the session to end.
func (s *script) ended(t *testing.T) error {
	t.Helper()
	select {
	case err := <-s.done:
		return err
	case <-time.After(patience):
		t.Fatalf("the session does not end; it printed %q, %q", &s.out, &s.err)
		return nil
	}
}

// pipe is an input that a test writes.
func pipe(t *testing.T) (in, keys *os.File) {
	t.Helper()
	in, keys, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = keys.Close() // it may be closed already
		_ = in.Close()
	})
	return in, keys
}

// soon is a silence that tests can wait for, unending one that they cannot.
const soon, unending = time.Millisecond, time.Hour

func TestScriptTypesItsInput(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]func(*testing.T) io.Reader{
		"a pipe": func(t *testing.T) io.Reader {
			in, keys := pipe(t)
			go func() {
				_, _ = io.WriteString(keys, "root\nreboot\r\n~.\x03")
				_ = keys.Close()
			}()
			return in
		},
		"a file": func(t *testing.T) io.Reader {
			f, err := os.CreateTemp(t.TempDir(), "input")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = f.Close() })
			if _, err := io.WriteString(f, "root\nreboot\r\n~.\x03"); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			return f
		},
		"something else": func(*testing.T) io.Reader { return strings.NewReader("root\nreboot\r\n~.\x03") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, in(t), terminal.Options{Silence: soon})
			s.server.WantTyped("root\rreboot\r~.\x03")
			if err := s.ended(t); err != nil {
				t.Errorf("got %v", err)
			}
			s.server.WantGone()
			if s.err.String() != "" {
				t.Errorf("told %q", &s.err)
			}
		})
	}
}

func TestScriptThatTypesNothingLooksOn(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]terminal.Options{
		"with an empty input":          {Silence: soon},
		"read-only":                    {Silence: soon, ReadOnly: true},
		"with an input and no silence": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			null, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = null.Close() }() // it was only read
			var in io.Reader = null
			secret := strings.NewReader("not to be typed")
			switch {
			case o.Silence == 0:
				in = strings.NewReader("x")
			case o.ReadOnly:
				in = secret
			}
			s := newScript(t, in, o)
			if o.Silence == 0 {
				s.server.WantTyped("x")
			}
			s.server.Drop()
			s.server = s.console.Next(t)
			s.server.Welcome("s", 0)
			s.server.Print("text")
			s.server.Tell(client.ConsoleMessage{Type: client.End, Reason: new("node n1 was released")})
			if err := s.ended(t); err == nil || err.Error() != "the console of n1 has ended: node n1 was released" {
				t.Errorf("got %v", err)
			}
			s.server.WantGone()
			if s.out.String() != "text" || secret.Len() == 0 {
				t.Errorf("printed %q, and left %d bytes of the input", &s.out, secret.Len())
			}
		})
	}
}

func TestScriptIsInterrupted(t *testing.T) {
	t.Parallel()
	in, _ := pipe(t)
	s := newScript(t, in, terminal.Options{})
	s.leave()
	if err := s.ended(t); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestScriptFailsIfItIsRefused(t *testing.T) {
	t.Parallel()
	in, keys := pipe(t)
	s := newScript(t, in, terminal.Options{Silence: unending})
	if _, err := io.WriteString(keys, "x"); err != nil {
		t.Fatal(err)
	}
	s.server.WantTyped("x")
	s.server.Tell(client.ConsoleMessage{Type: client.Refused, Reason: new("bob is typing")})
	if err := s.ended(t); err == nil || err.Error() != "what was typed was not passed on: bob is typing" {
		t.Errorf("got %v", err)
	}
}

// TestScriptWaitsForTheConnection has input while there is no connection; it is typed when there is one.
func TestScriptWaitsForTheConnection(t *testing.T) {
	t.Parallel()
	in, keys := pipe(t)
	s := newScript(t, in, terminal.Options{Silence: soon})
	s.console.Refuse(3, http.StatusServiceUnavailable, `{"type":"UnavailableError","msg":"no way"}`)
	s.server.Drop()
	for !strings.Contains(s.err.String(), "no way") {
		<-time.After(time.Millisecond)
	}
	if _, err := io.WriteString(keys, "late\n"); err != nil {
		t.Fatal(err)
	}
	s.server = s.console.Next(t)
	s.server.Welcome("s", 0)
	s.server.WantTyped("late\r")
	if err := keys.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.ended(t); err != nil {
		t.Errorf("got %v", err)
	}
	if want := "[haas] the console is gone: no way; trying to connect again\n[haas] connected again\n"; s.err.String() != want {
		t.Errorf("told %q, want %q", &s.err, want)
	}
}
