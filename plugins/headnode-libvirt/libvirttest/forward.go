package libvirttest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Forward lets this machine's network reach an address in the host's until the test ends, and gives where. The host must have a
// network of its own.
func (h *Host) Forward(t testing.TB, address string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accept(t, l, func(near net.Conn) { h.join(near, address) })
	return l.Addr().String()
}

// join carries bytes both ways until either side hangs up.
func (h *Host) join(near net.Conn, address string) {
	var far net.Conn
	err := h.in(func() (err error) {
		far, err = net.Dial("tcp", address)
		return err
	})
	if err != nil {
		_ = near.Close()
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(near, far)
		_ = near.Close()
	})
	_, _ = io.Copy(far, near)
	_ = far.Close()
	back.Wait()
}
