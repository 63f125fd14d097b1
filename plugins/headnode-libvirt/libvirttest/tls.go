package libvirttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// TLSAddress is where the daemon listens for TLS, if it has a network of its own.
const TLSAddress = "127.0.0.1:16514"

// Identity is a certificate and its key, as PEM.
type Identity struct{ Certificate, Key string }

// authority is who vouches for the daemon and for those who may talk to it.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	a := &authority{key: key, certificate: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}}
	der, err := x509.CreateCertificate(rand.Reader, a.certificate, a.certificate, key.Public(), key)
	if err != nil {
		return nil, err
	}
	a.certificate, err = x509.ParseCertificate(der)
	return a, err
}

// issue vouches for a program on the loopback.
func (a *authority) issue(name string) (Identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Identity{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a.certificate, key.Public(), a.key)
	if err != nil {
		return Identity{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	return Identity{Certificate: encode("CERTIFICATE", der), Key: encode("PRIVATE KEY", private)}, err
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// Stranger is somebody whom the daemon does not let in, and who vouches for them.
func Stranger() (ca string, who Identity, err error) {
	a, err := newAuthority()
	if err != nil {
		return "", Identity{}, err
	}
	who, err = a.issue("stranger")
	return encode("CERTIFICATE", a.certificate.Raw), who, err
}

// writeTLS makes the authority, and the identities of the daemon and of a client.
func (h *Host) writeTLS() error {
	a, err := newAuthority()
	if err != nil {
		return err
	}
	h.CA = encode("CERTIFICATE", a.certificate.Raw)
	daemon, err := a.issue("libvirtd")
	if err != nil {
		return err
	}
	if h.Client, err = a.issue("client"); err != nil {
		return err
	}
	for name, text := range map[string]string{"ca.pem": h.CA, "cert.pem": daemon.Certificate, "key.pem": daemon.Key} {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
