package main

import (
	"context"
	"slices"
	"sync"

	"github.com/digitalocean/go-libvirt"
)

const procedureUpload = 208

// upload is the writing of a volume, on a link of its own. Go-libvirt's own way never returns, and keeps what it was to write, once
// libvirtd is lost or cannot write any more. So it only opens the stream, and the packets are made here.
type upload struct {
	conn *wire
	// ended has the status with which libvirtd has ended the stream.
	ended chan uint32

	mu   sync.Mutex // guards what follows
	call head       // the call that opened it, whose number all its packets have
}

// upload writes a volume from its beginning. It returns when libvirtd has written everything.
func (s *session) upload(ctx context.Context, vol libvirt.StorageVol, content []byte) error {
	conn, err := s.way.connect(ctx)
	if err != nil {
		return err
	}
	u := &upload{conn: newWire(conn), ended: make(chan uint32, 1)}
	u.conn.heard, u.conn.sent = u.hear, u.tell
	u.conn.streamed = true // for go-libvirt, which has no part in it
	l, err := converse(ctx, s.settings, u.conn)
	if err != nil {
		return err
	}
	defer l.close() // whoever still sends or waits does so no more
	return l.do(ctx, func(api *libvirt.Libvirt) error {
		if err := api.StorageVolUpload(vol, nil, 0, uint64(len(content)), 0); err != nil {
			return err
		}
		return u.send(vol.Name, content)
	})
}

// tell remembers the call that opens the stream.
func (u *upload) tell(h *head) {
	if h.word(procedureAt) == procedureUpload {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.call = *h
	}
}

// hear waits for the end of the stream.
func (u *upload) hear(h *head) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if h.word(typeAt) != packetStream || h.word(serialAt) != u.call.word(serialAt) || h.word(statusAt) == statusMore {
		return
	}
	select {
	case u.ended <- h.word(statusAt):
	default: // it has ended before
	}
}

// send sends the content, and waits until libvirtd says what became of it.
func (u *upload) send(name string, content []byte) error {
	u.mu.Lock()
	call := u.call
	u.mu.Unlock()
	for part := range slices.Chunk(content, chunk) {
		if _, err := u.conn.Conn.Write(call.stream(statusMore, part)); err != nil {
			return err
		}
	}
	if _, err := u.conn.Conn.Write(call.stream(statusOK, nil)); err != nil {
		return err
	}
	select {
	case status := <-u.ended:
		if status == statusOK {
			return nil
		}
		return refused("libvirtd could not write all of volume " + name + "; its log says why")
	case <-u.conn.lost:
		return libvirt.ErrInterrupted
	}
}
