package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
)

// The layout of a packet of libvirt's protocol: its length, program, version, procedure, type, serial number and status,
// each in four bytes, and what it carries.
const (
	lengthAt    = 0
	procedureAt = 12
	typeAt      = 16
	serialAt    = 20
	statusAt    = 24
	headSize    = 28
	// longest is above what libvirtd sends, 32 MiB: a server that talks nonsense must not fill the memory.
	longest = 33 << 20
)

// The types and states of packets.
const (
	packetReply  = 1
	packetStream = 3
	statusOK     = 0
	statusMore   = 2
)

// head is the beginning of a packet.
type head [headSize]byte

func (h *head) word(at int) uint32 { return binary.BigEndian.Uint32(h[at:]) }

// stream is a packet of the stream that a call with this head has opened.
func (h head) stream(status uint32, data []byte) []byte {
	binary.BigEndian.PutUint32(h[lengthAt:], uint32(headSize+len(data)))
	binary.BigEndian.PutUint32(h[typeAt:], packetStream)
	binary.BigEndian.PutUint32(h[statusAt:], status)
	return append(h[:], data...)
}

// wire is the connection of a link. It keeps from go-libvirt what would make it panic, and notices when the connection is
// lost, which go-libvirt does not always tell.
type wire struct {
	net.Conn
	// heard, if it is not nil, is called with the head of each packet from libvirtd, and sent with each that go-libvirt
	// sends.
	heard, sent func(*head)

	pending []byte // of the head that was read last; for the reader alone, like left
	left    int    // of the packet that is being read

	once sync.Once
	lost chan struct{} // closed when nothing can be read or written any more
}

func newWire(conn net.Conn) *wire { return &wire{Conn: conn, lost: make(chan struct{})} }

// Dial hands the connection, which is open already, to go-libvirt.
func (w *wire) Dial() (net.Conn, error) { return w, nil }

// Read gives what libvirtd says.
func (w *wire) Read(b []byte) (int, error) {
	n, err := w.read(b)
	if err != nil {
		w.lose()
	}
	return n, err
}

func (w *wire) read(b []byte) (int, error) {
	if len(w.pending) == 0 && w.left == 0 {
		if err := w.next(); err != nil {
			return 0, err
		}
	}
	if len(w.pending) > 0 {
		n := copy(b, w.pending)
		w.pending = w.pending[n:]
		return n, nil
	}
	n, err := w.Conn.Read(b[:min(len(b), w.left)])
	w.left -= n
	return n, err
}

// next reads the head of the next packet.
func (w *wire) next() error {
	var h head
	if _, err := io.ReadFull(w.Conn, h[:]); err != nil {
		return err
	}
	n := h.word(lengthAt)
	if n < headSize || n > longest {
		return fmt.Errorf("a packet of %d bytes: this is no libvirtd", n)
	}
	w.pending, w.left = h[:], int(n)-headSize
	if w.heard != nil {
		w.heard(&h)
	}
	return nil
}

// Write sends packets of go-libvirt, which writes each small one at once.
func (w *wire) Write(b []byte) (int, error) {
	if w.sent != nil && len(b) >= headSize {
		w.sent((*head)(b))
	}
	n, err := w.Conn.Write(b)
	if err != nil {
		w.lose()
	}
	return n, err
}

// Close hangs up.
func (w *wire) Close() error {
	w.lose()
	return w.Conn.Close()
}

func (w *wire) lose() { w.once.Do(func() { close(w.lost) }) }
