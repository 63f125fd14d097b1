// A program cannot be imported, so its tests are inside.

package main

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/headnode-libvirt/libvirttest"
	"github.com/CCI-MOC/haas/sdk"
)

// forward lets this machine's network reach an address in the host's, and gives where.
func (h *host) forward(t testing.TB, address string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { h.join(near, address) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return l.Addr().String()
}

func (h *host) join(near net.Conn, address string) {
	var far net.Conn
	err := h.sw.Do(func() (err error) {
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

// worksOverTLS is a driver on another machine.
func worksOverTLS(t *testing.T, h *host) {
	uri := "qemu+tls://" + h.forward(t, libvirttest.TLSAddress) + "/system"
	identity := map[string]any{"ca_certificate": h.CA, "certificate": h.Client.Certificate, "private_key": h.Client.Key}
	s, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), target(t, uri, identity))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	spec := spec(file, 104)
	must(t, s.Create(t.Context(), spec))
	must(t, s.Start(t.Context(), spec.ID))
	console, err := s.(*session).Console(t.Context(), spec.ID)
	must(t, err)
	must(t, console.Close())
	_, err = s.(*session).Screen(t.Context(), spec.ID)
	wantText(t, err, sdk.Unsupported, "on its own host only")
	must(t, s.Delete(t.Context(), spec.ID))
	h.wantGone(t, spec.ID)

	ca, stranger, err := libvirttest.Stranger()
	must(t, err)
	for name, identity := range map[string]map[string]any{
		"to a host that nobody vouches for":   {"ca_certificate": ca, "certificate": h.Client.Certificate, "private_key": h.Client.Key},
		"as somebody whom nobody vouches for": {"ca_certificate": h.CA, "certificate": stranger.Certificate, "private_key": stranger.Key},
	} {
		_, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), target(t, uri, identity))
		if sdk.CodeOf(err) != sdk.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}
