package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/internal/ovsdb"
	"github.com/CCI-MOC/haas/sdk"
)

// systemDatabase is where the packages of distributions let ovsdb-server listen.
const systemDatabase = "unix:/var/run/openvswitch/db.sock"

// settings are what a bridge is registered with.
type settings struct {
	Bridge      string     `json:"ovs_bridge" required:"true"`
	Database    string     `json:"ovsdb"`
	CA          string     `json:"ca_certificate"`
	Certificate string     `json:"certificate"`
	Key         sdk.Secret `json:"private_key"`

	endpoint ovsdb.Endpoint
}

// schema describes settings to people and to the server.
const schema = `{
	"type": "object",
	"additionalProperties": false,
	"required": ["ovs_bridge"],
	"properties": {
		"ovs_bridge": {"type": "string", "minLength": 1, "description": "Name of the bridge whose ports are the switchports"},
		"ovsdb": {"type": "string", "default": "` + systemDatabase + `",
			"description": "Where ovsdb-server listens: unix:/path, tcp:host:port or ssl:host:port"},
		"ca_certificate": {"type": "string", "description": "For ssl: the certificates (PEM) that vouch for ovsdb-server"},
		"certificate": {"type": "string", "description": "For ssl: the certificate (PEM) to show to ovsdb-server"},
		"private_key": {"type": "string", "writeOnly": true, "description": "For ssl: the key (PEM) of that certificate"}
	}
}`

func readSettings(target sdk.Target) (settings, error) {
	s := settings{Database: systemDatabase}
	if err := target.Settings.Decode(&s); err != nil {
		return s, err
	}
	if !portName.MatchString(s.Bridge) {
		return s, sdk.InvalidSetting("ovs_bridge", "must be the name of a bridge: letters, digits and _ . : @ + -")
	}
	var err error
	if s.endpoint, err = ovsdb.ParseEndpoint(s.Database); err != nil {
		return s, sdk.InvalidSetting("ovsdb", err.Error())
	}
	if s.endpoint.Secure() {
		s.endpoint.TLS, err = s.tls()
	}
	return s, err
}

// tls trusts whom the CA vouches for, whatever the name: Open vSwitch's own tools put no host names into certificates
// (ovs-pki), and its programs ask for none.
func (s settings) tls() (*tls.Config, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(s.CA)) {
		return nil, sdk.InvalidSetting("ca_certificate", "must be given for ssl:, as PEM")
	}
	own, err := tls.X509KeyPair([]byte(s.Certificate), []byte(s.Key.Reveal()))
	if err != nil {
		return nil, sdk.InvalidSetting("private_key", "must be given for ssl: with its certificate, both as PEM")
	}
	return &tls.Config{
		Certificates:       []tls.Certificate{own},
		InsecureSkipVerify: true, // vouchedFor checks the chain; only the name is not asked for
		VerifyConnection:   func(state tls.ConnectionState) error { return vouchedFor(state, roots) },
	}, nil
}

func vouchedFor(state tls.ConnectionState, roots *x509.CertPool) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("ovsdb-server shows no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	return err
}
