package bmctest

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/bougou/go-ipmi/pkg/hal"
	"github.com/bougou/go-ipmi/pkg/types"
)

// Machine is what a controller controls.
type Machine interface {
	// Power turns the machine on or off; it is called only where that is a change.
	Power(on bool) error
	// Serial attaches to the serial line until it is closed. Its Read may block.
	Serial() (io.ReadWriteCloser, error)
}

// Booter is a Machine whose firmware obeys the choice of a boot device. A choice for one start is gone with that start;
// machines of other kinds leave it standing.
type Booter interface {
	Machine
	// SetBoot is told from what to start, before each start.
	SetBoot(device types.BootDeviceSelector)
}

// SelfPowered is a Machine that may go off by itself, as one does whose operating system shuts down.
type SelfPowered interface {
	Machine
	// On reports whether it is on.
	On() bool
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

// Port is a machine's end of its serial line, for those who write machines. What is printed while nobody is attached is
// lost, as on a real line.
type Port struct {
	mu  sync.Mutex
	far *io.PipeWriter // guarded by mu; nil while nobody is attached
}

var errNobody = errors.New("nobody listens")

// Attach gives the other end of the line; whoever was attached is cut off. What is typed there is written to typed.
func (p *Port) Attach(typed io.Writer) io.ReadWriteCloser {
	near, far := io.Pipe()
	p.connect(far)
	return attached{near, typed}
}

// Write prints. Where somebody is attached it waits until that is read.
func (p *Port) Write(b []byte) (int, error) {
	_ = p.print(b) // nobody misses it
	return len(b), nil
}

func (p *Port) print(b []byte) error {
	p.mu.Lock()
	far := p.far
	p.mu.Unlock()
	if far == nil {
		return errNobody
	}
	_, err := far.Write(b)
	return err
}

// Close cuts off whoever is attached.
func (p *Port) Close() { p.connect(nil) }

func (p *Port) connect(far *io.PipeWriter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.far != nil {
		_ = p.far.Close() // it always succeeds
	}
	p.far = far
}

// attached is the near end of a line.
type attached struct {
	*io.PipeReader
	typed io.Writer
}

func (a attached) Write(b []byte) (int, error) { return a.typed.Write(b) }

// Echo is a machine that prints what is typed, and what a test makes it print.
type Echo struct {
	port Port

	mu   sync.Mutex
	said []byte // guarded by mu; typed so far
}

var _ Machine = (*Echo)(nil)

// Power does nothing.
func (e *Echo) Power(bool) error { return nil }

// Serial attaches to the machine; whoever was attached is cut off.
func (e *Echo) Serial() (io.ReadWriteCloser, error) { return e.port.Attach(keyboard{e}), nil }

// Print makes the machine print text, if somebody listens.
func (e *Echo) Print(text string) error { return e.port.print([]byte(text)) }

// Typed is all that was typed so far.
func (e *Echo) Typed() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return string(e.said)
}

// keyboard is what is typed to an Echo.
type keyboard struct{ machine *Echo }

func (k keyboard) Write(b []byte) (int, error) {
	k.machine.mu.Lock()
	k.machine.said = append(k.machine.said, b...)
	k.machine.mu.Unlock()
	return len(b), k.machine.port.print(b)
}
