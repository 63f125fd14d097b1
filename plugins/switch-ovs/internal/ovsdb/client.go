// Package ovsdb speaks the Open vSwitch Database Management Protocol (RFC 7047) as far as a driver of switchports needs
// it: transactions on the database Open_vSwitch. It keeps no copy of the database, because a driver says what is there now.
// It is not a general client: it monitors nothing.
package ovsdb

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

// The patience with a server: dialPatience until a conversation has begun, answerPatience for an answer (a transaction
// may wait for ovs-vswitchd, which reconfigures for seconds on a busy host), sendPatience for a server that does not read.
const (
	dialPatience   = 5 * time.Second
	answerPatience = 30 * time.Second
	sendPatience   = 5 * time.Second
)

// database is the one that ovs-vswitchd obeys.
const database = "Open_vSwitch"

// Client is a conversation with an ovsdb-server. Its methods may be called concurrently.
type Client struct {
	endpoint Endpoint
	conn     net.Conn
	sending  sync.Mutex    // one message at a time
	ended    chan struct{} // closed when nothing more will be received

	mu      sync.Mutex              // guards the fields below
	waiting map[uint64]chan message // the answers that calls wait for
	last    uint64
	lost    error // why nothing more will be received
}

// message is a request or an answer of JSON-RPC 1.0.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  json.RawMessage `json:"error,omitempty"`
}

// Dial begins a conversation; ctx is for that, and the conversation outlives it.
func Dial(ctx context.Context, e Endpoint) (*Client, error) {
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	conn, err := e.dial(ctx)
	if err != nil {
		return nil, failed(ctx, fmt.Errorf("connect to Open vSwitch at %s: %w", e, err))
	}
	c := &Client{endpoint: e, conn: conn, ended: make(chan struct{}), waiting: map[uint64]chan message{}}
	go c.receive()
	return c, nil
}

// Command lets a daemon of Open vSwitch do what it does for ovs-appctl. Its control socket speaks the same language.
func Command(ctx context.Context, socket, command string) error {
	c, err := Dial(ctx, Endpoint{network: "unix", address: socket})
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	_, err = c.call(ctx, command)
	return err
}

// Alive reports whether the server has not hung up.
func (c *Client) Alive() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// Close ends the conversation.
func (c *Client) Close() error {
	_ = c.conn.Close() // the server may have closed it already
	<-c.ended
	return nil
}

// call asks for something. A call that is given up ends the conversation: its answer would come to nobody.
func (c *Client) call(ctx context.Context, method string, params ...any) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = c.conn.Close() })()
	id, answer := c.expect()
	defer c.forget(id)
	if err := c.send(map[string]any{"id": id, "method": method, "params": append([]any{}, params...)}); err != nil {
		_ = c.Close() // it is not alive any more, whether the server has hung up or not
		return nil, c.failed(ctx, err)
	}
	select {
	case m := <-answer:
		return m.Result, c.refusal(m)
	case <-c.ended:
		return nil, c.failed(ctx, c.reason())
	case <-ctx.Done():
		return nil, c.failed(ctx, ctx.Err())
	}
}

// refusal is why the server did not even try.
func (c *Client) refusal(m message) error {
	if len(m.Error) == 0 || string(m.Error) == "null" {
		return nil
	}
	return &sdk.Error{Code: sdk.Refused, Text: fmt.Sprintf("Open vSwitch at %s refuses: %s", c.endpoint, m.Error)}
}

func (c *Client) failed(ctx context.Context, err error) error {
	return failed(ctx, fmt.Errorf("ask Open vSwitch at %s: %w", c.endpoint, err))
}

// failed is err with the code of a device that cannot be reached, or that did not answer as long as ctx lasted.
func failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &sdk.Error{Code: sdk.Timeout, Text: fmt.Sprintf("%v: no answer in time", err), Retryable: true}
	}
	return &sdk.Error{Code: sdk.Unavailable, Text: err.Error(), Retryable: true}
}

func (c *Client) expect() (uint64, chan message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	answer := make(chan message, 1)
	c.waiting[c.last] = answer
	return c.last, answer
}

func (c *Client) forget(id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
}

func (c *Client) reason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost
}

func (c *Client) send(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	if err := c.conn.SetWriteDeadline(time.Now().Add(sendPatience)); err != nil {
		return err
	}
	_, err = c.conn.Write(b)
	return err
}
