package main

import (
	"encoding/binary"
	"hash/maphash"
	"net"
	"sync"
)

// wire is the socket of a link. It keeps from go-ipmi 0.9.1 what would make it panic, and from the controller what
// go-ipmi would say twice although it must not.
type wire struct {
	net.Conn
	seed maphash.Seed

	// pace, if there is one, says when a console may be asked for output.
	pace *pace

	mu   sync.Mutex
	said map[uint64]bool // guarded by mu; what has been sent since once was called, nil if all may be sent
}

func newWire(conn net.Conn) *wire { return &wire{Conn: conn, seed: maphash.MakeSeed()} }

// once makes sure that no packet is sent twice, until stop is called. A controller should obey a repeated packet once,
// but go-ipmi's own server obeys it each time, and may not be the only one.
func (w *wire) once() (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = map[uint64]bool{}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.said = nil
	}
}

// Write sends a packet, unless it is a repetition; that of a console in its time.
func (w *wire) Write(b []byte) (int, error) {
	if w.pace != nil && isConsole(b) {
		w.pace.rest()
	}
	if w.isRepeated(b) {
		return len(b), nil
	}
	return w.Conn.Write(b)
}

func (w *wire) isRepeated(b []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said == nil {
		return false
	}
	sum := maphash.Bytes(w.seed, b)
	repeated := w.said[sum]
	w.said[sum] = true
	return repeated
}

// Read gives the next packet that has the form of one.
func (w *wire) Read(b []byte) (int, error) {
	for {
		n, err := w.Conn.Read(b)
		if err != nil || wellFormed(b[:n]) {
			return n, err
		}
	}
}

// The layout of a packet of IPMI 2.0 (13.6): four bytes of RMCP, twelve of the session, the payload.
const (
	classAt    = 3
	classIPMI  = 0x07
	formatAt   = 4
	formatPlus = 0x06
	kindAt     = 5
	encrypted  = 0x80
	kind       = 0x3f
	kindSOL    = 0x01
	lengthAt   = 14
	payloadAt  = 16
	// block is that of AES: an encrypted payload is a random block and one or more with the message.
	block = 16
)

// isConsole reports that b is a packet of a console.
func isConsole(b []byte) bool { return len(b) > kindAt && b[kindAt]&kind == kindSOL }

// wellFormed reports that b is a packet of IPMI 2.0 whose lengths agree.
func wellFormed(b []byte) bool {
	if len(b) < payloadAt || b[classAt] != classIPMI || b[formatAt] != formatPlus {
		return false
	}
	n := int(binary.LittleEndian.Uint16(b[lengthAt:]))
	if len(b)-payloadAt < n {
		return false
	}
	return b[kindAt]&encrypted == 0 || n >= 2*block && n%block == 0
}
