package console

import (
	"bytes"
	"io"
	"net"
	"sync"
)

// telnet takes the protocol out of a connection. The device echoes and nobody waits for go-aheads; it may know the
// terminal's type and size; everything else is declined. github.com/ziutek/telnet does not serve: it ends at commands it
// does not know, offers to echo what the device says, and its size of 65535 columns is no valid one on the wire.
type telnet struct {
	net.Conn
	protocol protocol

	mu sync.Mutex // held while writing: the answers to offers come from the reader
}

// Read gives what the device says, without the protocol, and answers that.
func (t *telnet) Read(p []byte) (int, error) {
	for {
		n, err := t.Conn.Read(p)
		said, answer := t.protocol.take(p[:n])
		if len(answer) > 0 {
			if err := t.send(answer); err != nil {
				return said, err
			}
		}
		if said > 0 || err != nil {
			return said, err
		}
	}
}

// Write says p, in which a byte that looks like a command is doubled.
func (t *telnet) Write(p []byte) (int, error) {
	if err := t.send(bytes.ReplaceAll(p, []byte{iac}, []byte{iac, iac})); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (t *telnet) send(p []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, err := t.Conn.Write(p)
	return err
}

var _ io.ReadWriteCloser = (*telnet)(nil)
