package libvirttest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// sshAddress is where the host lets root in, if it has a network of its own and sshd is there.
const sshAddress = "127.0.0.1:22"

const sshdConf = `ListenAddress 127.0.0.1
HostKey DIR/ssh-host
HostCertificate DIR/ssh-host-cert.pub
AuthorizedKeysFile DIR/ssh-allowed
StrictModes no
UsePAM no
PidFile none
MaxStartups 100
`

// SSHURI is what a driver on another machine is given, and key lets it in. They are good until the test ends, and the host must
// have a network of its own. The test is skipped where there is no sshd; a build server has no excuse.
func (h *Host) SSHURI(t testing.TB) (uri, key string) {
	t.Helper()
	if h.sshKey == "" {
		const why = `there is no sshd; run "make test", which fetches it`
		if os.Getenv("CI") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	return "qemu+ssh://root@" + h.Forward(t, sshAddress) + "/system?socket=" + url.QueryEscape(h.socket()), h.sshKey
}

// writeSSH makes what sshd needs, and a key that lets root in. It gives the path of the program, "" if there is none.
func (h *Host) writeSSH() (sshd string, err error) {
	sshd, err = exec.LookPath("sshd")
	if err != nil {
		return "", nil //nolint:nilerr // Tests that need it are skipped.
	}
	own, err := newKey()
	if err != nil {
		return "", err
	}
	guest, err := newKey()
	if err != nil {
		return "", err
	}
	certificate, err := own.certified()
	if err != nil {
		return "", err
	}
	h.sshKey = guest.private
	for name, text := range map[string]string{
		"ssh-host": own.private, "ssh-host-cert.pub": certificate, "ssh-allowed": "restrict,port-forwarding " + guest.public,
		"sshd.conf": strings.ReplaceAll(sshdConf, "DIR", h.dir) + partsOf(sshd),
	} {
		err = errors.Join(err, os.WriteFile(h.path(name), []byte(text), 0o600))
	}
	return sshd, err
}

// partsOf says where the programs are that sshd consists of since OpenSSH 9.8: beside it, installed or not.
func partsOf(sshd string) string {
	var conf strings.Builder
	for name, keyword := range map[string]string{"sshd-session": "SshdSessionPath", "sshd-auth": "SshdAuthPath"} {
		path := filepath.Join(filepath.Dir(sshd), "../lib/openssh", name)
		if _, err := os.Stat(path); err == nil {
			fmt.Fprintln(&conf, keyword, path)
		}
	}
	return conf.String()
}

// key is a pair of keys as OpenSSH writes them.
type key struct{ private, public string }

// certified is the certificate of a host, by an authority that no client knows.
func (k key) certified() (string, error) {
	signer, err := ssh.ParsePrivateKey([]byte(k.private))
	if err != nil {
		return "", err
	}
	c := &ssh.Certificate{Key: signer.PublicKey(), CertType: ssh.HostCert, ValidBefore: ssh.CertTimeInfinity}
	err = c.SignCert(rand.Reader, signer)
	return string(ssh.MarshalAuthorizedKey(c)), err
}

func newKey() (key, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return key{}, err
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		return key{}, err
	}
	line, err := ssh.NewPublicKey(public)
	if err != nil {
		return key{}, err
	}
	return key{string(pem.EncodeToMemory(block)), string(ssh.MarshalAuthorizedKey(line))}, nil
}
