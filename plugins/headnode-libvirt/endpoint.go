package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
)

// tlsPort is where libvirtd listens for TLS, unless it is told otherwise.
const tlsPort = "16514"

// systemSockets are where libvirtd and, where it is divided, its successor for QEMU listen.
var systemSockets = []string{"/var/run/libvirt/libvirt-sock", "/var/run/libvirt/virtqemud-sock"}

// endpoint is where a libvirtd listens.
type endpoint struct {
	socket  string // a path; "" for the system's
	address string // host and port, "" for this machine
	user    string // to log in as over SSH, "" where that is not the way
	tls     *tls.Config
	login   login
}

// errURI is what is wrong with most of what is no URI of ours.
var errURI = errors.New("must be qemu:///system, qemu+unix:///system?socket=/path, qemu+ssh://user@host/system or qemu+tls://host/system")

// parseURI reads where libvirtd listens. Those who may connect to it own the host, so nothing but its own socket, SSH and TLS
// will do.
func parseURI(text string) (endpoint, error) {
	u, err := url.Parse(text)
	if err != nil || u.Path != "/system" || u.Fragment != "" {
		return endpoint{}, errURI
	}
	if u.Scheme == "qemu+ssh" {
		return parseSSH(u)
	}
	if u.User != nil {
		return endpoint{}, errors.New("must be without a user name, but with qemu+ssh: machines prove who they are by certificates")
	}
	switch {
	case u.Scheme == "qemu+tls", u.Scheme == "qemu" && u.Host != "":
		return parseTLS(u)
	case u.Scheme == "qemu+unix", u.Scheme == "qemu":
		return parseSocket(u)
	default:
		return endpoint{}, errURI
	}
}

func parseTLS(u *url.URL) (endpoint, error) {
	if u.Hostname() == "" || u.RawQuery != "" {
		return endpoint{}, errURI
	}
	port := u.Port()
	if port == "" {
		port = tlsPort
	}
	return endpoint{address: net.JoinHostPort(u.Hostname(), port)}, nil
}

func parseSocket(u *url.URL) (endpoint, error) {
	socket, ok := socketOf(u)
	if !ok || u.Host != "" {
		return endpoint{}, errURI
	}
	return endpoint{socket: socket}, nil
}

// socketOf is the socket that a URI names, "" if it names none. Nothing else may be asked for.
func socketOf(u *url.URL) (path string, ok bool) {
	query := u.Query()
	path = query.Get("socket")
	delete(query, "socket")
	return path, len(query) == 0 && (path == "" || filepath.IsAbs(path))
}

// endpoint checks the URI and what belongs to it. What belongs to another kind of URI means nothing: of several hosts, each may
// be reached in another way.
func (c *complaints) endpoint(to *endpoint, w written) {
	e, err := parseURI(w.URI)
	c.add("uri", err)
	if err != nil {
		return
	}
	*to = e
	switch {
	case e.local():
	case e.user != "":
		c.login(&to.login, w)
	default:
		c.certificates(to, w)
	}
}

func (c *complaints) certificates(to *endpoint, w written) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(w.CA)) {
		c.add("ca_certificate", errors.New("must be given for tls, as PEM"))
	}
	own, err := tls.X509KeyPair([]byte(w.Certificate), []byte(w.Key.Reveal()))
	if err != nil {
		c.add("private_key", errors.New("must be given for tls with its certificate, both as PEM"))
	}
	to.tls = &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{own}}
}

// local reports that libvirtd is on this machine.
func (e endpoint) local() bool { return e.address == "" }

// String is the endpoint for people.
func (e endpoint) String() string {
	switch {
	case !e.local():
		return e.address
	case e.socket != "":
		return e.socket
	default:
		return "qemu:///system"
	}
}

func (e endpoint) dialTLS(ctx context.Context) (net.Conn, error) {
	conn, err := (&tls.Dialer{Config: e.tls}).DialContext(ctx, "tcp", e.address)
	if err != nil {
		return nil, err
	}
	if err := welcome(ctx, conn); err != nil {
		_ = conn.Close() // the error at hand is the one that matters
		return nil, err
	}
	return conn, nil
}

// path is that of the socket.
func (e endpoint) path() string {
	if e.socket != "" {
		return e.socket
	}
	for _, path := range systemSockets {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return systemSockets[0]
}

// accepted is the byte by which libvirtd says, before anything else, that it has taken our certificate.
const accepted = 1

func welcome(ctx context.Context, conn net.Conn) error {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	var b [1]byte
	if _, err := conn.Read(b[:]); err != nil {
		return fmt.Errorf("libvirtd does not take the certificate: %w", err)
	}
	if b[0] != accepted {
		return errors.New("libvirtd does not take the certificate")
	}
	return nil
}
