package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// patience is how long the lab waits for what must happen, on a busy machine.
const patience = time.Minute

// server is the real HaaS server, as a process that can be killed and started again.
type server struct {
	// bin is the folder with the program haas, and the folder plugins.
	bin string
	// dir is the folder with the configuration, the database and the log.
	dir string
	// url is the API's; it stays the same over restarts.
	url string

	*process
}

// readiness is what the program says when it serves.
var readiness = regexp.MustCompile(`HaaS is ready at (http://\S+) `)

func (s *server) program() string { return filepath.Join(s.bin, "haas") }
func (s *server) config() string  { return filepath.Join(s.dir, "haas.cfg") }
func (s *server) log() string     { return filepath.Join(s.dir, "haas.log") }

// start runs the server until it serves.
func (s *server) start(ctx context.Context) error {
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the server has its own
	cmd := exec.CommandContext(context.WithoutCancel(ctx), s.program(), "serve", "--config", s.config())
	if s.url != "" {
		cmd.Args = append(cmd.Args, "--listen", strings.TrimPrefix(s.url, "http://"))
	}
	announced := make(chan string, 1)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.dir, surroundings(), &announcement{url: announced}, log
	if s.process, err = launch(cmd); err != nil {
		return err
	}
	select {
	case url := <-announced:
		if s.url == "" { // others read it, and it stays the same
			s.url = url
		}
		return nil
	case <-s.ended:
		return fmt.Errorf("the server ended before it was ready; %s ends with\n%s", s.log(), tail(s.log()))
	case <-time.After(patience):
		return errors.New("the server does not get ready")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends the server in good order.
func (s *server) stop() {
	if s.process != nil && s.cmd.Process != nil {
		s.signal(syscall.SIGTERM)
	}
}

// announcement takes what the server prints, and finds its address in it. The log is on the standard error.
type announcement struct {
	said strings.Builder
	url  chan string
}

func (a *announcement) Write(p []byte) (int, error) {
	if a.url == nil {
		return len(p), nil
	}
	a.said.Write(p)
	if found := readiness.FindStringSubmatch(a.said.String()); found != nil {
		a.url <- found[1]
		a.url = nil
	}
	return len(p), nil
}

// surroundings are the environment of the lab's programs: nobody's HAAS_ENDPOINT gets in.
func surroundings() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TMPDIR=" + os.TempDir()}
}

// tail is the end of a log.
func tail(path string) string {
	const lines = 40
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
