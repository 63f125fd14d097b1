// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/headnode-libvirt/libvirttest"
	"github.com/CCI-MOC/haas/sdk"
)

// worksOverTLS is a driver on another machine.
func worksOverTLS(t *testing.T, h *host) {
	uri := "qemu+tls://" + h.Forward(t, libvirttest.TLSAddress) + "/system"
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
	wantText(t, err, sdk.Unsupported, "not over TLS")
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
