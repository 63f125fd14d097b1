package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/bougou/go-ipmi/pkg/client"
	"github.com/bougou/go-ipmi/pkg/command/transport"
	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/sdk"
)

// instance is the serial line: controllers have one.
const instance = 1

// Console activates serial over LAN on a link of its own: go-ipmi 0.9.1 throws away what a console prints while it waits
// for the answer to another call, and a controller ends a console whose output nobody acknowledges. So an open console
// takes a second one of the controller's sessions.
func (s *session) Console(ctx context.Context) (io.ReadWriteCloser, error) {
	return s.openConsole(ctx, s.activate)
}

// TakeConsole ends whatever holds the line first, here or elsewhere.
func (s *session) TakeConsole(ctx context.Context) (io.ReadWriteCloser, error) {
	if c := s.openOne(); c != nil {
		c.end(&sdk.Error{Code: sdk.Busy, Text: s.about("console") + ": somebody else has taken it", Retryable: true})
		<-c.over
	}
	return s.openConsole(ctx, func(ctx context.Context, c *client.Client) error {
		if err := deactivate(ctx, c); err != nil {
			return err
		}
		return s.activate(ctx, c)
	})
}

func (s *session) openConsole(ctx context.Context, activate func(context.Context, *client.Client) error) (io.ReadWriteCloser, error) {
	l, err := s.logIn(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.do(ctx, activate); err != nil {
		s.leave(ctx, l)
		return nil, explain(s.about("console"), err)
	}
	return newConsole(ctx, s, l), nil
}

// openOne is the console that is open on this session, nil if there is none.
func (s *session) openOne() *console {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.console
}

func (s *session) activate(ctx context.Context, c *client.Client) error {
	_, err := c.ActivatePayload(ctx, &transport.ActivatePayloadRequest{
		PayloadType: types.PayloadTypeSOL, PayloadInstance: instance, EnableEncryption: true, EnableAuthentication: true,
	})
	switch {
	case hasCode(err, types.CodeActivatePayloadAlreadyActive, types.CodeActivatePayloadActivationLimitReached):
		return &sdk.Error{Code: sdk.Busy, Text: s.about("console") + ": somebody else holds it (SOL already active)", Retryable: true}
	case hasCode(err, types.CodeActivatePayloadTypeDisabled):
		return &sdk.Error{Code: sdk.Refused, Text: s.about("console") + ": serial over LAN is turned off on the controller"}
	default:
		return err
	}
}

// deactivate frees the line. That it is free already is a success.
func deactivate(ctx context.Context, c *client.Client) error {
	_, err := c.DeactivatePayload(ctx, &transport.DeactivatePayloadRequest{PayloadType: types.PayloadTypeSOL, PayloadInstance: instance})
	if hasCode(err, types.CodeDeactivatePayloadAlreadyDeactivated) {
		return nil
	}
	return err
}

// console is an open serial line.
type console struct {
	session *session
	link    *link
	pace    *pace
	cancel  context.CancelFunc
	over    chan struct{} // closed when the line is free again

	output *io.PipeReader // what the machine prints
	input  *io.PipeWriter // what is typed

	mu  sync.Mutex
	why error // guarded by mu; why it ends, nil while it goes on
}

// newConsole begins to carry bytes, until the console is closed, ctx ends or the controller hangs up.
func newConsole(ctx context.Context, s *session, l *link) *console {
	c := &console{session: s, link: l, over: make(chan struct{})}
	ctx, c.cancel = context.WithCancel(ctx)
	c.pace = newPace(ctx, l.conn.Conn, s.poll)
	typed, printed := c.connect()
	s.mu.Lock()
	s.console = c
	s.mu.Unlock()
	unbind := context.AfterFunc(ctx, func() { c.end(io.EOF) })
	go func() {
		defer close(c.over)
		defer unbind()
		err := c.carry(ctx, typed, printed)
		lost := ctx.Err() == nil && isLost(err)
		why := explainEnd(ctx, s.about("console"), err)
		_ = typed.CloseWithError(io.ErrClosedPipe) // before the end is known, so that nobody types into the void after it
		c.end(why)
		c.release(ctx, lost)
	}()
	return c
}

// connect gives the far ends of the console's pipes.
func (c *console) connect() (typed *io.PipeReader, printed *io.PipeWriter) {
	c.output, printed = io.Pipe()
	typed, c.input = io.Pipe()
	return typed, printed
}

func (c *console) carry(ctx context.Context, in io.Reader, out io.Writer) error {
	defer c.link.wakeAfter(ctx)()
	c.link.conn.pace = c.pace
	return c.link.client.SOLStream(ctx, in, stirring{c.pace, out}, &client.SOLStreamOptions{PollInterval: quick})
}

// stirring is an output that sets the console's pace.
type stirring struct {
	pace *pace
	io.Writer
}

func (s stirring) Write(b []byte) (int, error) {
	s.pace.stir()
	return s.Writer.Write(b)
}

// end makes the console end for a reason, unless it has one already.
func (c *console) end(why error) {
	c.mu.Lock()
	if c.why == nil {
		c.why = why
	}
	c.mu.Unlock()
	c.cancel()
	_ = c.output.CloseWithError(c.reason()) // nobody reads what is in the way of the end
}

func (c *console) reason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// release gives the line back unless it is lost, and the console's session; ctx has ended by then.
func (c *console) release(ctx context.Context, lost bool) {
	s := c.session
	if !lost {
		c.giveBack(ctx)
	}
	s.leave(ctx, c.link)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.console == c {
		s.console = nil
	}
}

// giveBack frees the line. A controller that does not answer frees it by itself, when it has not heard of us for a minute.
func (c *console) giveBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.session.settings.silence)
	defer cancel()
	if err := c.link.do(ctx, deactivate); err != nil {
		c.session.log.Debug("console was not given back", "address", c.session.settings.address(), "err", err)
	}
}

// isLost reports that the line is no longer ours, so that freeing it would take it from somebody else: the controller
// has said that it ended the console, which go-ipmi 0.9.1 passes on as a text, or it does not know us any more.
func isLost(err error) bool {
	return isSilence(err) || err != nil && strings.Contains(err.Error(), "SOL deactivation")
}

// explainEnd is why a console has ended whose context is ctx: nothing is wrong if it was hung up here.
func explainEnd(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil || err == nil {
		return io.EOF
	}
	return &sdk.Error{Code: sdk.Unavailable, Text: what + ": it was ended, or is lost: " + err.Error(), Retryable: true}
}

// Read gives what the machine prints.
func (c *console) Read(b []byte) (int, error) {
	n, err := c.output.Read(b)
	if errors.Is(err, io.ErrClosedPipe) {
		err = c.reason()
	}
	return n, err
}

// Write types.
func (c *console) Write(b []byte) (int, error) {
	c.pace.stir()
	return c.input.Write(b)
}

// Close gives the line back, and returns when it is free.
func (c *console) Close() error {
	c.end(io.EOF)
	<-c.over
	return nil
}
