package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/openapi/client"
)

const (
	// pingEvery is how often a silent server is asked whether it is there: a person who looks at a dead console wants
	// to know before giving up on the machine.
	pingEvery = 15 * time.Second
	// pongTimeout is how long the answer may take.
	pongTimeout = 10 * time.Second
	// sendTimeout is how long the network may take no more of what is typed.
	sendTimeout = 10 * time.Second
	// partingTimeout is how long the server may take to confirm that it has read all before the attachment is closed.
	partingTimeout = 2 * time.Second
	// maxKeys is how much is typed by one message, and maxUnread how much before the server must have read it. Even a
	// line of 9600 bits a second takes that within pongTimeout.
	maxKeys, maxUnread = 1 << 10, 4 << 10
	// maxPiece is how much output is handed on at once.
	maxPiece = 32 << 10
	// maxMessage is more than the longest message of a console about itself.
	maxMessage = 64 << 10
)

// Attachment is a connection with a console, both ways. One goroutine may receive while another one sends.
type Attachment struct {
	conn *websocket.Conn
	// life ends when the attachment is closed or the server is taken for dead.
	life context.Context //nolint:containedctx // the attachment's own lifetime, not a request's.
	end  context.CancelFunc
	work sync.WaitGroup
	// reads counts the beginnings and the ends of waits for the server, so it is odd during one.
	reads atomic.Int64

	// What follows belongs to the goroutine that receives.
	buffer  []byte
	output  io.Reader // what is left of a message of output; nil between messages
	session string
	at      int64

	// unread is how much of what was typed the server may not have read; it belongs to the goroutine that sends.
	unread int
}

// Attach joins the console of a node or headnode. The answers that refuse it are errors as those of all calls. Close it in the end.
func (s *Server) Attach(ctx context.Context, machine string, o ConsoleOptions) (*Attachment, error) {
	r, err := s.joining(ctx, machine, o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, r.URL.String(), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: upgrader{s.transport}}, HTTPHeader: r.Header,
	})
	if err != nil {
		return nil, s.refused(ctx, err)
	}
	conn.SetReadLimit(-1) // messages are read in pieces
	a := &Attachment{conn: conn, buffer: make([]byte, maxPiece)}
	a.life, a.end = context.WithCancel(context.WithoutCancel(ctx))
	a.work.Go(func() { a.watch(o.pingEvery()) }) //nolint:contextcheck // it lives as long as the attachment
	return a, nil
}

func (o ConsoleOptions) pingEvery() time.Duration {
	if o.PingEvery > 0 {
		return o.PingEvery
	}
	return pingEvery
}

// upgrader makes errors of the answers that do not upgrade the connection, since the WebSocket library cuts their
// bodies short.
type upgrader struct{ http.RoundTripper }

// RoundTrip is http.Transport's. Redirections are left to the client above.
func (u upgrader) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := u.RoundTripper.RoundTrip(r)
	if err != nil || resp.StatusCode == http.StatusSwitchingProtocols || resp.StatusCode/100 == 3 {
		return resp, err
	}
	if _, err := Body(resp, nil); err != nil {
		return nil, err
	}
	return nil, &ForeignError{Address: r.URL.Redacted()}
}

// refused is the server's answer if there was one.
func (s *Server) refused(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*ForeignError](err); ok {
		return e
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return &UnreachableError{Endpoint: s.endpoint, Err: err}
}

// Receive waits for what comes next: output of the machine, or a message. The output is valid until the next call. Any
// error means that the connection is broken.
func (a *Attachment) Receive() ([]byte, *client.ConsoleMessage, error) {
	a.reads.Add(1)
	defer a.reads.Add(1)
	for {
		if a.output != nil {
			n, err := a.piece()
			if n > 0 || err != nil {
				return a.buffer[:n], nil, err
			}
			continue
		}
		kind, message, err := a.conn.Reader(a.life)
		if err != nil {
			return nil, nil, err
		}
		if kind == websocket.MessageText {
			m, err := a.message(message)
			return nil, m, err
		}
		a.output = message
	}
}

// piece reads more of the output at hand.
func (a *Attachment) piece() (int, error) {
	n, err := a.output.Read(a.buffer)
	a.at += int64(n)
	if errors.Is(err, io.EOF) {
		a.output, err = nil, nil
	}
	if n > 0 {
		return n, nil // an error comes again
	}
	return n, err
}

func (a *Attachment) message(r io.Reader) (*client.ConsoleMessage, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxMessage)) // a part of a message cannot be read
	if err != nil {
		return nil, err
	}
	m := &client.ConsoleMessage{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("the server sent a message that cannot be read: %w", err)
	}
	switch {
	case m.Type == client.Welcome && m.Session != nil && m.At != nil:
		a.session, a.at = *m.Session, *m.At
	case m.Type == client.Lost && m.Bytes != nil:
		a.at += *m.Bytes
	}
	return m, nil
}

// Position is where the output received so far ends, for ConsoleOptions.Resume. It is empty if the server has not told.
func (a *Attachment) Position() string {
	if a.session == "" {
		return ""
	}
	return fmt.Sprintf("%s.%d", a.session, a.at)
}

// Type passes keys on to the machine. It waits while the machine's line takes them more slowly than they come, so that
// what is on its way to the server never takes long: an answer to a ping comes after it.
func (a *Attachment) Type(keys []byte) error {
	for message := range slices.Chunk(keys, maxKeys) {
		if err := a.send(websocket.MessageBinary, message); err != nil {
			return err
		}
		a.unread += len(message)
		if a.unread < maxUnread {
			continue
		}
		a.unread = 0
		if err := a.conn.Ping(a.life); err != nil {
			return err
		}
	}
	return nil
}

// Tell sends a message of the type client.Ask, client.Give or client.Keep.
func (a *Attachment) Tell(kind client.ConsoleMessageType) error {
	text, err := json.Marshal(client.ConsoleMessage{Type: kind})
	if err != nil {
		return err
	}
	return a.send(websocket.MessageText, text)
}

// send sends a message, or breaks the connection.
func (a *Attachment) send(kind websocket.MessageType, message []byte) error {
	ctx, cancel := context.WithTimeout(a.life, sendTimeout)
	defer cancel()
	return a.conn.Write(ctx, kind, message)
}

// watch ends the attachment when the server is no longer there.
func (a *Attachment) watch(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-a.life.Done():
			return
		case <-tick.C:
		}
		if !a.answers(min(every, pongTimeout)) {
			a.end()
			return
		}
	}
}

// answers reports whether the server answers a ping. While nobody receives, its answer waits unread and proves nothing.
func (a *Attachment) answers(within time.Duration) bool {
	before := a.reads.Load()
	ctx, cancel := context.WithTimeout(a.life, within)
	defer cancel()
	if a.conn.Ping(ctx) == nil {
		return true
	}
	return before%2 == 0 || a.reads.Load() != before
}

// Close leaves the console, once the server has read what was sent or has had its time to. It ends a Receive.
func (a *Attachment) Close() {
	limit := time.AfterFunc(partingTimeout, a.end)
	defer limit.Stop()
	_ = a.conn.Close(websocket.StatusNormalClosure, "") // whatever comes of it, the connection is closed
	a.end()
	a.work.Wait()
}
