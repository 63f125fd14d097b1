package bmctest

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

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
type serial struct {
	machine  Machine
	attached atomic.Int64
}

var _ hal.ConsoleHAL = (*serial)(nil)

// Open attaches to the line.
func (s *serial) Open(context.Context) (hal.ConsoleConn, error) {
	rw, err := s.machine.Serial()
	if err != nil {
		return nil, err
	}
	s.attached.Add(1)
	l := &line{serial: s, machine: rw}
	l.changed.L = &l.mu
	go l.listen() // both end with the line
	go l.speak()
	return l, nil
}

// line is an attached serial line, on which nobody waits for the machine: the controller would not answer meanwhile.
type line struct {
	serial  *serial
	detach  sync.Once
	machine io.ReadWriteCloser

	mu      sync.Mutex // guards the fields below
	changed sync.Cond
	output  []byte // printed, not yet taken
	input   []byte // typed, not yet passed on
	err     error  // why the line is over
}

func (l *line) listen() {
	b := make([]byte, 4096)
	for {
		n, err := l.machine.Read(b)
		l.mu.Lock()
		for len(l.output) > backlog && l.err == nil {
			l.changed.Wait()
		}
		l.output = append(l.output, b[:n]...)
		if err != nil && l.err == nil {
			l.err = err
		}
		done := l.err != nil
		l.changed.Broadcast()
		l.mu.Unlock()
		if done {
			return
		}
	}
}

func (l *line) speak() {
	for {
		typed := l.typed()
		if typed == nil {
			return
		}
		_, _ = l.machine.Write(typed) // that the line is over, listening shows
	}
}

// typed waits for what is typed; there is nothing any more when the line is over.
func (l *line) typed() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.input) == 0 && l.err == nil {
		l.changed.Wait()
	}
	if l.err != nil {
		return nil
	}
	typed := l.input
	l.input = nil
	return typed
}

// Write types as much as there is room for.
func (l *line) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(b), backlog-len(l.input))
	l.input = append(l.input, b[:n]...)
	l.changed.Broadcast()
	return n, l.err
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
	l.changed.Broadcast()
	return n, nil
}

// SendBreak is more than the machine has.
func (l *line) SendBreak(context.Context) error { return hal.ErrNotSupported }

// Close detaches from the line.
func (l *line) Close() error {
	l.detach.Do(func() { l.serial.attached.Add(-1) })
	l.mu.Lock()
	l.err = io.ErrClosedPipe
	l.changed.Broadcast()
	l.mu.Unlock()
	return l.machine.Close()
}

// Consoles counts those that are attached to the serial line.
func (c *Controller) Consoles() int { return int(c.serial.attached.Load()) }

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
