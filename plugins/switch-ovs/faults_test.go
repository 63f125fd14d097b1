// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// eventually applies in new sessions until it works, as a server does that repeats what can be repeated.
func eventually(t testing.TB, target sdk.Target, want ...netswitch.PortState) {
	t.Helper()
	limit, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		err := visit(limit, target, want)
		if err == nil {
			return
		}
		if !sdk.IsRetryable(err) || limit.Err() != nil {
			t.Fatal(err)
		}
	}
}

func visit(ctx context.Context, target sdk.Target, want []netswitch.PortState) error {
	s, err := newDriver(hclog.NewNullLogger()).Open(ctx, target)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	_, err = s.Apply(ctx, want)
	return err
}

func TestTheDatabaseIsKilledAndComesBack(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1")
	s := open(t, target(t, sw.Endpoint()))
	apply(t, s, up("p1", 5))
	sw.Database.Kill()
	if _, err := s.Apply(t.Context(), []netswitch.PortState{up("p1", 7)}); sdk.CodeOf(err) != sdk.Unavailable || !sdk.IsRetryable(err) {
		t.Errorf("in a session: %v", err)
	}
	if s.(*session).Alive() {
		t.Error("the session is alive")
	}
	if err := visit(t.Context(), target(t, sw.Endpoint()), nil); sdk.CodeOf(err) != sdk.Unavailable || !sdk.IsRetryable(err) {
		t.Errorf("without one: %v", err)
	}
	if err := sw.Database.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, target(t, sw.Endpoint()), up("p1", 7))
	if got := read(t, open(t, target(t, sw.Endpoint())), "p1"); !got.Equal(up("p1", 7)) {
		t.Errorf("%+v", got)
	}
}

// TestTheAnswerIsLost cuts the line after a change was made, before the driver hears of it.
func TestTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1")
	r := newRelay(t, strings.TrimPrefix(sw.Endpoint(), "unix:"), nil)
	far := target(t, "tcp:"+r.address())
	for _, at := range []string{`"update"`, `"wait"`} {
		marker := []byte(at)
		s := open(t, far)
		r.cutAt.Store(&marker)
		if _, err := s.Apply(t.Context(), []netswitch.PortState{up("p1", 7, len(at))}); sdk.CodeOf(err) != sdk.Unavailable || !sdk.IsRetryable(err) {
			t.Errorf("cut at %s: %v", at, err)
		}
		apply(t, open(t, far), up("p1", 7, len(at)))
	}
}

func TestOverTLS(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1")
	server, client, stranger := newIdentity(t), newIdentity(t), newIdentity(t)
	own, err := tls.X509KeyPair([]byte(server.certificate), []byte(server.key))
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM([]byte(client.certificate))
	r := newRelay(t, strings.TrimPrefix(sw.Endpoint(), "unix:"), &tls.Config{
		Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted,
	})
	far := func(ca, self identity) sdk.Target {
		return target(t, "ssl:"+r.address(), "ca_certificate", ca.certificate, "certificate", self.certificate, "private_key", self.key)
	}
	apply(t, open(t, far(server, client)), up("p1", 5, 6))
	if err := visit(t.Context(), far(stranger, client), nil); sdk.CodeOf(err) != sdk.Unavailable {
		t.Errorf("with a server that nobody vouches for: %v", err)
	}
	if err := visit(t.Context(), far(server, stranger), nil); sdk.CodeOf(err) != sdk.Unavailable {
		t.Errorf("as a stranger: %v", err)
	}
}

func TestAFrozenForwarderEndsWithTheContext(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1")
	s := open(t, target(t, sw.Endpoint()))
	if err := sw.Forwarder.Freeze(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := s.Apply(ctx, []netswitch.PortState{up("p1", 7)}); sdk.CodeOf(err) != sdk.Timeout || !sdk.IsRetryable(err) {
		t.Error(err)
	}
	if err := sw.Forwarder.Thaw(); err != nil {
		t.Fatal(err)
	}
	eventually(t, target(t, sw.Endpoint()), up("p1", 7))
}
