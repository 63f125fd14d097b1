package ovsdb

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

// Endpoint is where an ovsdb-server listens.
type Endpoint struct {
	network string
	address string
	// TLS is how an ssl: endpoint is spoken to.
	TLS *tls.Config
}

var errEndpoint = errors.New("must be unix:/path/of/socket, tcp:host:port or ssl:host:port")

// ParseEndpoint reads "unix:/var/run/openvswitch/db.sock", "tcp:192.0.2.1:6640" or "ssl:[2001:db8::1]:6640".
func ParseEndpoint(text string) (Endpoint, error) {
	network, address, _ := strings.Cut(text, ":")
	if network == "unix" && strings.HasPrefix(address, "/") {
		return Endpoint{network: network, address: address}, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || (network != "tcp" && network != "ssl") {
		return Endpoint{}, errEndpoint
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return Endpoint{}, errEndpoint
	}
	return Endpoint{network: network, address: address}, nil
}

// Secure reports whether the conversation is encrypted.
func (e Endpoint) Secure() bool { return e.network == "ssl" }

// Folder is where the server's socket is, empty for one behind a network.
func (e Endpoint) Folder() string {
	if e.network != "unix" {
		return ""
	}
	return filepath.Dir(e.address)
}

// String is the endpoint as Open vSwitch writes it.
func (e Endpoint) String() string { return e.network + ":" + e.address }

func (e Endpoint) dial(ctx context.Context) (net.Conn, error) {
	if e.Secure() {
		return (&tls.Dialer{Config: e.TLS}).DialContext(ctx, "tcp", e.address)
	}
	return new(net.Dialer).DialContext(ctx, e.network, e.address)
}
