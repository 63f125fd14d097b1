package main

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"
)

const (
	// quick is how often a console asks for output that has just printed something, or was typed on.
	quick = 5 * time.Millisecond
	// lively is for how long it does. Then the pauses grow as long as the console has been quiet.
	lively = 25 * time.Millisecond
)

// pace says when a console asks its controller for output. go-ipmi 0.9.1 asks at a fixed interval and reads only then: too
// seldom for somebody who types, or too often for a thousand consoles. A controller sends output by itself, so a quiet
// console asks seldom, and at once when something has come.
type pace struct {
	ctx  context.Context // the console's own lifetime
	conn net.Conn
	// idle is the longest pause.
	idle time.Duration

	mu      sync.Mutex // guards the fields below
	stirred time.Time  // when it was last printed or typed
	resting bool
}

func newPace(ctx context.Context, conn net.Conn, idle time.Duration) *pace {
	return &pace{ctx: ctx, conn: conn, idle: idle, stirred: time.Now()}
}

// stir ends the pause under way: something is typed, or was printed.
func (p *pace) stir() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stirred = time.Now()
	if p.resting {
		_ = p.conn.SetReadDeadline(time.Unix(1, 0)) // it fails only where reading does
	}
}

// rest waits until it is time to ask, or something stirs, or something has come from the controller.
func (p *pace) rest() {
	if !p.lieDown() {
		return
	}
	if p.ctx.Err() == nil { // from now on the end of ctx wakes whoever reads
		await(p.conn)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resting = false
}

// lieDown sets the end of the pause, if there is to be one.
func (p *pace) lieDown() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	pause := min(time.Since(p.stirred), p.idle)
	p.resting = pause >= min(lively, p.idle)
	if p.resting {
		_ = p.conn.SetReadDeadline(time.Now().Add(pause)) // as above
	}
	return p.resting
}

// await waits for a packet, and leaves it to others to read, or for the deadline of reading.
func await(conn net.Conn) {
	if c, ok := conn.(syscall.Conn); ok {
		if raw, err := c.SyscallConn(); err == nil {
			_ = raw.Read(hasCome) // whoever reads next sees what is wrong
		}
	}
}

// hasCome reports whether there is something to read, and leaves it there.
func hasCome(fd uintptr) bool {
	var b [1]byte
	_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	return err != syscall.EAGAIN
}
