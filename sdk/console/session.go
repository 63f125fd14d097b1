package console

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/CCI-MOC/haas/sdk"
)

// Session is one conversation with one device. Its methods may be called from several goroutines; lines are entered one
// after the other. Nothing is typed while nobody asks: TCP notices a dead peer.
type Session struct {
	config Config
	conn   io.ReadWriteCloser
	ear    *ear
	log    transcript
	turn   chan struct{} // full while a line is under way

	mu     sync.Mutex
	prompt prompt // guarded by mu: the last one
	cause  error  // guarded by mu: why no line can be entered any more
}

// Open reaches the device, logs in, learns the prompt, gets privilege and enters the dialect's Setup.
//
// The error is always an *sdk.Error. Unavailable: not reachable, or the connection dropped. Timeout: the device fell
// silent. Busy: it has no session left. Denied: it rejected the name or a password. Refused: it does not give privilege,
// or its SSH host key has changed. Invalid: the Config is wrong.
func Open(ctx context.Context, c Config) (*Session, error) {
	c, err := c.checked()
	if err != nil {
		return nil, err
	}
	conn, err := dial(ctx, c)
	if err != nil {
		return nil, err
	}
	s := converse(c, conn)
	if err := s.begin(ctx); err != nil {
		s.abandon(err)
		_ = s.Close() // what it would say is less than what is wrong already
		return nil, err
	}
	return s, nil
}

// converse begins to listen on a connection.
func converse(c Config, conn io.ReadWriteCloser) *Session {
	s := &Session{
		config: c, conn: conn, ear: newEar(c.Dialect.Noise), turn: make(chan struct{}, 1),
		log: transcript{log: c.Log, secrets: []sdk.Secret{c.Password, c.Enable}},
	}
	go s.ear.listen(conn)
	return s
}

func (s *Session) begin(ctx context.Context) error {
	if err := s.login(ctx); err != nil {
		return err
	}
	if err := s.gainPrivilege(ctx); err != nil {
		return err
	}
	for _, line := range s.config.Dialect.Setup {
		if _, err := s.Run(ctx, line); err != nil {
			return err
		}
	}
	return nil
}

// Mode is the mode group of the last prompt: "" in exec, "config", "config-if".
func (s *Session) Mode() string { return s.last().mode }

// Prompt is the last prompt just as it stands on the line. A line may be Dialect.Width less its length long.
func (s *Session) Prompt() string { return s.last().text }

func (s *Session) last() prompt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.prompt
}

func (s *Session) reached(p prompt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prompt = p
}

// Alive reports whether the session can take another line: the device has not hung up, and no line was left in the
// middle.
func (s *Session) Alive() bool { return s.broken() == nil }

// broken is why no line can be entered any more.
func (s *Session) broken() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause != nil {
		return s.cause
	}
	_, ended := s.ear.said()
	return ended
}

// abandon gives the session up, because nobody knows what the device would take the next line for.
func (s *Session) abandon(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause == nil {
		s.cause = cause
		s.hangUp()
	}
}

// hangUp closes the connection; there is nothing to be lost that was not lost before.
func (s *Session) hangUp() { _ = s.conn.Close() }

// errClosed is why a closed session takes no line.
var errClosed = errors.New("the session was closed")

// Close ends the conversation, and waits until nothing of it is left. It may be called again.
func (s *Session) Close() error {
	s.abandon(errClosed)
	<-s.ear.done
	return nil
}
