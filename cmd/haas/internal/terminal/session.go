package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

// errLeft says that the person or the script has had enough, which is no failure.
var errLeft = errors.New("left")

// Options say whose console is joined with what.
type Options struct {
	Node string
	// Begin says where the output begins, and whether the line is taken from whoever holds it.
	Begin remote.ConsoleOptions
	// ReadOnly says that nothing is typed.
	ReadOnly bool
	// Silence is how long the machine must say nothing, after the end of an input that is no terminal, for the session
	// to be over; 0 is for ever.
	Silence time.Duration
	// FirstPause is how long the first attempt to connect again waits; 0 is a sensible time.
	FirstPause time.Duration

	In       io.Reader
	Out, Err io.Writer
}

// session is one visit to a console, over as many connections as it takes.
type session struct {
	Options
	server *remote.Server
	// tty is the terminal that a person types at, nil if the input is none; restore undoes what was done to it.
	tty     *os.File
	restore func()

	screen   *screen
	keyboard keyboard
	// requests are what goes to the server, over the connection that there is. A person's wait here, so that escapes are
	// seen whatever the network does; a script waits itself.
	requests chan request
	// link is the connection that there is, or was last.
	link atomic.Pointer[link]
	// heard has a place for the news that the machine said something.
	heard chan struct{}
	end   context.CancelCauseFunc
	// refusal is what was told about keys that the server refused; it belongs to who receives.
	refusal refusal
	// unpassed is what was told about keys that were not sent; it belongs to who reads them.
	unpassed refusal
}

// request is something for the server: keys for the machine, a message, or nothing but the question when that is.
type request struct {
	keys []byte
	tell client.ConsoleMessageType
	// sent is closed when all requests before have been sent; nil if nobody wants to know.
	sent chan struct{}
}

// link is a connection as those see it who want to send: is it still there?
type link struct{ broken <-chan struct{} }

// fault is why a session was ended by itself, if not because somebody has had enough.
type fault struct{ error }

// Run joins a console until the person leaves, the input of a script has been answered, ctx ends, or the server says
// that it is over, which is an error.
func Run(ctx context.Context, server *remote.Server, o Options) error {
	first, err := server.Attach(ctx, o.Node, o.Begin)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	defer first.Close()
	s := &session{Options: o, server: server, tty: Of(o.In), restore: func() {}, heard: make(chan struct{}, 1)}
	s.keyboard.readOnly = o.ReadOnly
	ctx, s.end = context.WithCancelCause(ctx)
	defer s.end(nil)
	s.link.Store(&link{ctx.Done()})
	run, waiting := s.piped, 0
	if s.tty != nil {
		run, waiting = s.interactive, maxWaiting
	}
	s.requests = make(chan request, waiting)
	if err := run(ctx, first); !errors.Is(err, errLeft) {
		return err
	}
	if f, ok := errors.AsType[fault](context.Cause(ctx)); ok {
		return f.error
	}
	return nil
}

// leave ends the session; err is nil if somebody has had enough.
func (s *session) leave(err error) {
	if err == nil {
		s.end(errLeft)
		return
	}
	s.end(fault{err})
}

// interactive is a session with a person at a terminal.
func (s *session) interactive(ctx context.Context, first *remote.Attachment) (err error) {
	if s.restore, err = makeRaw(s.tty); err != nil {
		return err
	}
	defer s.restore()
	// What a terminal, or a person at another one, ends a program by; main minds the others.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	defer context.AfterFunc(ctx, s.restore)() // at once, however long parting takes
	s.screen = newScreen(s.Out, s.Err, true)
	defer s.screen.finish()
	s.screen.notice("%s", s.greeting())
	return s.with(ctx, first, s.listen)
}

// piped is a session whose input is no terminal.
func (s *session) piped(ctx context.Context, first *remote.Attachment) error {
	s.screen = newScreen(s.Out, s.Err, false)
	defer s.screen.finish()
	if s.ReadOnly {
		return s.run(ctx, first)
	}
	return s.with(ctx, first, s.feed)
}

// with runs the session beside what reads the input.
func (s *session) with(ctx context.Context, first *remote.Attachment, read func(context.Context, *input)) error {
	var work sync.WaitGroup
	defer work.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in, err := newInput(ctx, s.In)
	if err != nil {
		return err
	}
	work.Go(func() {
		defer in.close()
		s.guarded(func() { read(ctx, in) })
	})
	return s.run(ctx, first)
}

// run attends to one connection after the other.
func (s *session) run(ctx context.Context, a *remote.Attachment) error {
	again, news := s.newBackoff(), ""
	for {
		began := time.Now()
		if err := s.attend(ctx, a, news); err != nil {
			return err
		}
		again.lasted(time.Since(began))
		var err error
		if a, news, err = s.reconnect(ctx, again, a.Position()); err != nil {
			return err
		}
		s.drop()
	}
}

// attend passes on what comes and goes over a connection, and tells the news when it does. It returns nil when the connection has
// ended and may be had again.
func (s *session) attend(ctx context.Context, a *remote.Attachment, news string) error {
	defer a.Close()
	defer context.AfterFunc(ctx, a.Close)() // it ends Receive
	connected, disconnect := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer disconnect()
	s.link.Store(&link{connected.Done()})
	if news != "" {
		s.screen.notice("%s", news)
	}
	work.Go(func() { s.guarded(func() { s.send(ctx, connected, a) }) })
	for {
		output, message, err := a.Receive()
		switch {
		case ctx.Err() != nil:
			return errLeft
		case err != nil:
			return nil //nolint:nilerr // a broken connection is had again
		case message == nil:
			err = s.print(output)
		case message.Type == client.End && value(message.Retry):
			return nil
		default:
			err = s.take(message)
		}
		if err != nil {
			return err
		}
	}
}

func (s *session) print(output []byte) error {
	select {
	case s.heard <- struct{}{}:
	default:
	}
	if _, err := s.screen.Write(output); err != nil {
		return fmt.Errorf("print what the machine printed: %w", err)
	}
	return nil
}

// take acts on a message of the server.
func (s *session) take(m *client.ConsoleMessage) error {
	switch m.Type {
	case client.Welcome:
		s.keyboard.welcome(value(m.You))
	case client.Keyboard:
		s.refusal.forget()
		if news := s.keyboard.change(m); news != "" {
			s.screen.notice("%s", news)
		}
	case client.Lost:
		s.screen.notice("%s", lost(value(m.Bytes)))
	case client.Refused:
		return s.refused(value(m.Reason))
	case client.End:
		return fmt.Errorf("the console of %s has ended: %s", s.Node, oneLine(value(m.Reason)))
	}
	return nil
}

func lost(bytes int64) string {
	if bytes <= 0 {
		return "some of the machine's output is missing here"
	}
	return fmt.Sprintf("%d bytes of the machine's output are missing here", bytes)
}

// refused tells a person what was not typed. To a script that is a failure.
func (s *session) refused(reason string) error {
	if s.tty == nil {
		return fmt.Errorf("what was typed was not passed on: %s", oneLine(reason))
	}
	if s.refusal.isNews(reason, time.Now()) {
		s.screen.notice("not passed on: %s", reason)
	}
	return nil
}
