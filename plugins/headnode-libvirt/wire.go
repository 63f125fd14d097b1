package main

import (
	"encoding/binary"
	"errors"
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

// serialOf is the serial number of a packet.
func serialOf(packet []byte) uint32 { return binary.BigEndian.Uint32(packet[serialAt:]) }

// stream is a packet of the stream that a call with this head has opened.
func (h head) stream(status uint32, data []byte) []byte {
	binary.BigEndian.PutUint32(h[lengthAt:], uint32(headSize+len(data)))
	binary.BigEndian.PutUint32(h[typeAt:], packetStream)
	binary.BigEndian.PutUint32(h[statusAt:], status)
	return append(h[:], data...)
}

// wire is the connection of a link, with one stream at most. It keeps from go-libvirt what would make it panic or hang, and
// notices when the connection is lost, which go-libvirt does not always tell.
type wire struct {
	net.Conn
	// heard, if it is not nil, is called with the head of each packet from libvirtd, and sent with each that go-libvirt
	// sends.
	heard, sent func(*head)

	// What follows is for the reader alone.
	answered uint32 // the serial number of the call that was answered last
	early    []byte // packets of the stream that came before the answer to the call that opened it
	streamed bool   // the stream has ended
	pending  []byte // read, but not by go-libvirt yet
	left     int    // of the packet that is being read

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

// next gets the next packet, or its head, that go-libvirt is to see.
func (w *wire) next() error {
	if len(w.early) > 0 && serialOf(w.early) == w.answered {
		w.pending, w.early = w.early, nil
		return nil
	}
	for {
		h, left, err := w.head()
		if err != nil {
			return err
		}
		switch {
		case h.word(typeAt) == packetReply:
			w.answered = h.word(serialAt)
		case h.word(typeAt) != packetStream:
		case w.surplus(h):
			if _, err := io.CopyN(io.Discard, w.Conn, int64(left)); err != nil {
				return err
			}
			continue
		case h.word(serialAt) != w.answered:
			if err := w.keep(h, left); err != nil {
				return err
			}
			continue
		}
		w.pending, w.left = h[:], left
		return nil
	}
}

// head reads a head, and gives how much the packet has besides.
func (w *wire) head() (h head, left int, err error) {
	if _, err := io.ReadFull(w.Conn, h[:]); err != nil {
		return h, 0, err
	}
	n := h.word(lengthAt)
	if n < headSize || n > longest {
		return h, 0, fmt.Errorf("a packet of %d bytes: this is no libvirtd", n)
	}
	if w.heard != nil {
		w.heard(&h)
	}
	return h, int(n) - headSize, nil
}

// surplus reports that a packet of the stream comes after its end, which is an empty packet if libvirtd has no more, and else one
// with another status. Libvirtd may say both. Go-libvirt answers to no call any more if it hears of one when it is about
// to forget the stream.
func (w *wire) surplus(h head) bool {
	over := w.streamed
	w.streamed = over || h.word(lengthAt) == headSize || h.word(statusAt) != statusMore
	return over
}

// keep reads a packet of the stream before its turn: go-libvirt would take it for the answer to the call that opened the stream.
func (w *wire) keep(h head, left int) error {
	if len(w.early)+left > longest {
		return errors.New("a stream that nobody has opened: this is no libvirtd")
	}
	at := len(w.early) + headSize
	w.early = append(append(w.early, h[:]...), make([]byte, left)...)
	_, err := io.ReadFull(w.Conn, w.early[at:])
	return err
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
