package ovsdb

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// longestMessage is far above what all ports of a host need; a server that talks nonsense must not fill the memory.
const longestMessage = 64 << 20

// receive hands out what the server sends until it hangs up.
func (c *Client) receive() {
	defer close(c.ended)
	from := &limited{r: c.conn}
	d := json.NewDecoder(from)
	for {
		from.left = longestMessage
		var m message
		err := d.Decode(&m)
		if err == nil {
			err = c.take(m)
		}
		if err != nil {
			_ = c.conn.Close() // what follows an unreadable message is unreadable too
			c.mu.Lock()
			c.lost = err
			c.mu.Unlock()
			return
		}
	}
}

// take gives an answer to who waits for it. A server that has heard nothing for a while asks for an echo, and hangs up
// without one. Whatever else it has to say was not asked for.
func (c *Client) take(m message) error {
	if m.Method == "echo" {
		return c.send(map[string]any{"id": m.ID, "result": m.Params, "error": nil})
	}
	id, err := strconv.ParseUint(string(m.ID), 10, 64)
	if m.Method != "" || err != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer, ok := c.waiting[id]; ok {
		answer <- m
		delete(c.waiting, id)
	}
	return nil
}

var errTooLong = errors.New("the message is too long")

// limited fails once left bytes have been read.
type limited struct {
	r    io.Reader
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.r.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}
