package bmctest

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/bougou/go-ipmi/pkg/hal"
)

// Machine is what a controller controls.
type Machine interface {
	// Power turns the machine on or off; it is called only where that is a change.
	Power(on bool) error
	// Serial attaches to the serial line until it is closed. Its Read may block.
	Serial() (io.ReadWriteCloser, error)
}

// backlog is how much a machine may print that the controller has not yet passed on; more waits in the machine.
const backlog = 64 << 10

// serial is the line as the controller attaches to it.
type serial struct{ machine Machine }

var _ hal.ConsoleHAL = (*serial)(nil)

// Open attaches to the line.
func (s *serial) Open(context.Context) (hal.ConsoleConn, error) {
	rw, err := s.machine.Serial()
	if err != nil {
		return nil, err
	}
	l := &line{ReadWriteCloser: rw}
	l.space.L = &l.mu
	go l.listen() // ends with the line
	return l, nil
}

// line is an attached serial line, whose output is taken without waiting.
type line struct {
	io.ReadWriteCloser

	mu     sync.Mutex // guards the fields below
	space  sync.Cond
	output []byte
	err    error
}

func (l *line) listen() {
	b := make([]byte, 4096)
	for {
		n, err := l.Read(b)
		l.mu.Lock()
		for len(l.output) > backlog && l.err == nil {
			l.space.Wait()
		}
		l.output = append(l.output, b[:n]...)
		if err != nil && l.err == nil {
			l.err = err
		}
		done := l.err != nil
		l.mu.Unlock()
		if done {
			return
		}
	}
}

// ReadAvailable takes what the machine has printed.
func (l *line) ReadAvailable(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.output) == 0 {
		return 0, l.err
	}
	n := copy(b, l.output)
	l.output = l.output[n:]
	l.space.Signal()
	return n, nil
}

// SendBreak is more than the machine has.
func (l *line) SendBreak(context.Context) error { return hal.ErrNotSupported }

// Close detaches from the line.
func (l *line) Close() error {
	l.mu.Lock()
	l.err = io.ErrClosedPipe
	l.space.Signal()
	l.mu.Unlock()
	return l.ReadWriteCloser.Close()
}

// Echo is a machine that prints what is typed, and what a test makes it print.
type Echo struct {
	mu   sync.Mutex // guards the fields below
	far  *io.PipeWriter
	said []byte // typed so far
}

var _ Machine = (*Echo)(nil)

// Power does nothing.
func (e *Echo) Power(bool) error { return nil }

// Serial attaches to the machine; whoever was attached is cut off.
func (e *Echo) Serial() (io.ReadWriteCloser, error) {
	near, far := io.Pipe()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.far != nil {
		_ = e.far.Close()
	}
	e.far = far
	return echoed{e, near}, nil
}

// Print makes the machine print text, if somebody listens.
func (e *Echo) Print(text string) error {
	e.mu.Lock()
	far := e.far
	e.mu.Unlock()
	if far == nil {
		return errors.New("nobody listens")
	}
	_, err := io.WriteString(far, text)
	return err
}

// Typed is all that was typed so far.
func (e *Echo) Typed() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return string(e.said)
}

// echoed is the near end of the line of an Echo.
type echoed struct {
	machine *Echo
	*io.PipeReader
}

func (e echoed) Write(b []byte) (int, error) {
	e.machine.mu.Lock()
	e.machine.said = append(e.machine.said, b...)
	e.machine.mu.Unlock()
	return len(b), e.machine.Print(string(b))
}
