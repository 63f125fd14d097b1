package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// feed types an input that is no terminal, holding it back while there is no connection, and leaves when the machine
// has had its say. An empty input, such as /dev/null, is of somebody who wants to look on.
func (s *session) feed(ctx context.Context, in *input) {
	typed, err := s.typeAll(ctx, in)
	switch {
	case err != nil:
		s.leave(fmt.Errorf("read what to type: %w", err))
	case typed && s.Silence > 0:
		s.awaitSilence(ctx)
	}
}

// typeAll reports whether there was anything to type.
func (s *session) typeAll(ctx context.Context, in io.Reader) (typed bool, err error) {
	var enter Enter
	buffer := make([]byte, maxTyped)
	for {
		n, err := in.Read(buffer)
		if n > 0 {
			typed = true
			s.push(ctx, request{keys: enter.Keys(buffer[:n])})
		}
		switch {
		case errors.Is(err, io.EOF):
			s.push(ctx, request{sent: make(chan struct{})}) // taken when the one before has been sent
			return typed, nil
		case err != nil || ctx.Err() != nil:
			return typed, err
		}
	}
}

// push waits for a connection that takes a request.
func (s *session) push(ctx context.Context, r request) {
	select {
	case s.requests <- r:
	case <-ctx.Done():
	}
}

// awaitSilence leaves when the machine has said nothing for a while.
func (s *session) awaitSilence(ctx context.Context) {
	silence := time.NewTimer(s.Silence)
	defer silence.Stop()
	for {
		select {
		case <-s.heard:
			silence.Reset(s.Silence)
		case <-ctx.Done():
			return
		case <-silence.C:
			s.leave(s.unanswered())
			return
		}
	}
}

// unanswered is the error that a silence is if there is nobody to break it.
func (s *session) unanswered() error {
	select {
	case <-s.link.Load().broken:
		return errors.New("the connection was lost before the machine fell silent")
	default:
		return nil
	}
}
