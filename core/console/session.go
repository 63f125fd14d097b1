package console

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

const (
	// openLimit bounds the opening of a console: slow controllers take half a minute to log in.
	openLimit = time.Minute
	// typedAhead is how many messages may wait for a serial line to take them; who types more waits.
	typedAhead = 64
)

// session is an open serial line. It ends once, for one reason, and then lets go of the device and of the claim.
type session struct {
	line   *line
	device io.ReadWriteCloser
	lease  int // with which it was claimed
	typed  chan []byte
	// over is closed when it has begun to end, after which why does not change, and gone when it has ended.
	over, gone chan struct{}
	once       sync.Once
	why        End
}

func newSession(l *line, device io.ReadWriteCloser, lease int) *session {
	return &session{
		line: l, device: device, lease: lease, typed: make(chan []byte, typedAhead), over: make(chan struct{}), gone: make(chan struct{}),
	}
}

// isOurs reports that no other server may have the machine's console by now.
func (s *session) isOurs() bool { return s.line.hub.lease.holds(s.lease) }

// run carries bytes both ways until the session ends.
func (s *session) run() {
	if !s.line.hub.start(s.carryOut) || !s.line.hub.start(s.carryIn) {
		s.close(End{Reason: errShutDown.Error(), Retry: true})
	}
}

// carryOut takes in what the machine prints.
func (s *session) carryOut() {
	chunk := make([]byte, 4096)
	for {
		n, err := s.device.Read(chunk)
		if !s.isOurs() {
			err = errors.New("this server was cut off for too long")
			n = 0
		}
		s.line.append(s, chunk[:n])
		if err != nil {
			s.close(s.broken(err))
			return
		}
	}
}

// broken is the end of a session whose line broke.
func (s *session) broken(err error) End {
	if errors.Is(err, io.EOF) {
		return End{Reason: s.line.of.hungUp(), Retry: true}
	}
	return End{Reason: err.Error(), Retry: true}
}

// carryIn types what viewers have typed.
func (s *session) carryIn() {
	for {
		select {
		case <-s.over:
			return
		case keys := <-s.typed:
			if !s.isOurs() {
				return // the node may be somebody else's; reading ends the session
			}
			if _, err := s.device.Write(keys); err != nil {
				return // why it broke, reading says
			}
		}
	}
}

// write passes keys on, and waits while the line is slow.
func (s *session) write(ctx context.Context, keys []byte) error {
	select {
	case s.typed <- keys:
		return nil
	case <-s.over:
		return nil // the viewer's end says why
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close ends the session for a reason, unless it has one already, and returns when it has let go of the device.
func (s *session) close(why End) {
	s.once.Do(func() {
		s.why = why
		close(s.over)
		s.line.uninstall(s)
		if err := s.device.Close(); err != nil {
			s.line.log.Debug("close console", "err", err)
		}
		s.line.let()
		close(s.gone)
	})
	<-s.gone
}

// isOver reports that the session has ended or is about to.
func (s *session) isOver() bool {
	select {
	case <-s.over:
		return true
	default:
		return false
	}
}

// openWithin opens a device that lives as long as life, unless ctx ends before it is open.
func openWithin(ctx, life context.Context, open func(context.Context) (io.ReadWriteCloser, error)) (io.ReadWriteCloser, error) {
	life, end := context.WithCancel(life)
	opened := context.AfterFunc(ctx, end)
	device, err := open(life)
	inTime := opened()
	if err == nil && inTime {
		return &bound{device, end}, nil
	}
	if err == nil {
		err = device.Close()
	}
	end()
	return nil, errors.Join(ctx.Err(), err)
}

// bound is a device together with the end of its context.
type bound struct {
	io.ReadWriteCloser
	end context.CancelFunc
}

// Close closes the device and ends its context.
func (b *bound) Close() error {
	defer b.end()
	return b.ReadWriteCloser.Close()
}
