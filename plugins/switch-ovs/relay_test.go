// A program cannot be imported, so its tests are inside.

package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// relay is a way to an ovsdb-server over the network, which can be cut.
type relay struct {
	listener net.Listener
	socket   string
	// cutAt makes the relay hang up in the place of the answer to the next request that contains it.
	cutAt atomic.Pointer[[]byte]
	done  sync.WaitGroup
}

// newRelay listens on the loopback interface, with TLS if there is a configuration for it.
func newRelay(t testing.TB, socket string, secure *tls.Config) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	r := &relay{listener: l, socket: socket}
	r.done.Go(r.serve)
	t.Cleanup(func() { _ = l.Close(); r.done.Wait() })
	return r
}

func (r *relay) address() string { return r.listener.Addr().String() }

func (r *relay) serve() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", r.socket)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.done.Go(func() { r.forth(client, server) })
		r.done.Go(func() { _, _ = io.Copy(client, server); _, _ = client.Close(), server.Close() })
	}
}

// forth carries requests. It cuts once the server has had the time to see its last one: when the server hangs up too.
func (r *relay) forth(client, server net.Conn) {
	defer func() { _, _ = client.Close(), server.Close() }()
	b := make([]byte, 1<<20)
	for {
		n, err := client.Read(b)
		if err != nil {
			return
		}
		at := r.cutAt.Load()
		cut := at != nil && bytes.Contains(b[:n], *at)
		if cut {
			_ = client.Close()
			r.cutAt.Store(nil)
		}
		if _, err := server.Write(b[:n]); err != nil {
			return
		}
		if cut {
			_ = server.(*net.UnixConn).CloseWrite()
			_, _ = io.Copy(io.Discard, server)
			return
		}
	}
}

// identity is a certificate and its key as PEM, which vouches for itself.
type identity struct{ certificate, key string }

func newIdentity(t testing.TB) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return identity{
		certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})),
		key:         string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
	}
}
