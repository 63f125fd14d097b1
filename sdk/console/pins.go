package console

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/CCI-MOC/haas/sdk"
)

// Pins are the SSH host keys that devices showed when they were first seen, in the file Path as OpenSSH's known_hosts. Several
// processes may share it.
type Pins struct{ Path string }

// Check trusts the key that is pinned, and pins that of a device never seen before. Host is its address with the port. The error
// is Refused, also where the file cannot be used.
func (p Pins) Check(host string, remote net.Addr, key ssh.PublicKey) *sdk.Error {
	file, err := p.lock()
	if err != nil {
		return p.unusable(err)
	}
	defer file.Close() //nolint:errcheck // It gives the lock up; what was written was synced.
	err = p.compare(host, remote, key)
	unknown, mismatch := errors.AsType[*knownhosts.KeyError](err)
	switch {
	case err == nil:
		return nil
	case mismatch && len(unknown.Want) > 0:
		return changed(host, key, unknown.Want[0])
	case mismatch:
		err = p.pin(file, host, key)
	}
	if err != nil {
		return p.unusable(err)
	}
	return nil
}

// lock opens the file; until it is closed, no other process checks or pins.
func (p Pins) lock() (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(p.Path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(p.Path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func (p Pins) compare(host string, remote net.Addr, key ssh.PublicKey) error {
	callback, err := knownhosts.New(p.Path)
	if err != nil {
		return err
	}
	return callback(host, remote, key)
}

// pin adds a line. One that somebody has left without an end is ended first.
func (p Pins) pin(file *os.File, host string, key ssh.PublicKey) error {
	line := knownhosts.Line([]string{knownhosts.Normalize(host)}, key) + "\n"
	before, err := os.ReadFile(p.Path)
	if err != nil {
		return err
	}
	if n := len(before); n > 0 && before[n-1] != '\n' {
		line = "\n" + line
	}
	if _, err := file.WriteString(line); err != nil {
		return err
	}
	return file.Sync()
}

// Algorithms are those of host keys to ask for at an address, the best first, but before them those of its pinned keys: a device
// that has got keys of more types must not look like another. None are for certificates, since keys are pinned.
func (p Pins) Algorithms(address string) []string {
	plain := slices.DeleteFunc(ssh.SupportedAlgorithms().HostKeys, func(name string) bool { return strings.Contains(name, "-cert-") })
	return append(p.pinned(address), plain...)
}

// pinned are the algorithms of the keys that are pinned for an address. A key that nobody has makes the file tell.
func (p Pins) pinned(address string) []string {
	nobody, err := ssh.NewPublicKey(make(ed25519.PublicKey, ed25519.PublicKeySize))
	if err != nil {
		return nil
	}
	known, ok := errors.AsType[*knownhosts.KeyError](p.compare(address, &net.TCPAddr{}, nobody))
	if !ok {
		return nil
	}
	var types []string
	for _, k := range known.Want {
		if k.Key.Type() == ssh.KeyAlgoRSA {
			types = append(types, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512)
		}
		types = append(types, k.Key.Type())
	}
	return types
}

// changed is the error for another key than the pinned.
func changed(host string, key ssh.PublicKey, was knownhosts.KnownKey) *sdk.Error {
	return &sdk.Error{Code: sdk.Refused, Text: fmt.Sprintf(
		"log in to %s over SSH: its host key is not the one pinned in %s:%d, but %s: the device was replaced or reset, or "+
			"somebody is in between; if the new key is right, delete that line",
		host, was.Filename, was.Line, ssh.FingerprintSHA256(key))}
}

func (p Pins) unusable(err error) *sdk.Error {
	return &sdk.Error{Code: sdk.Refused, Text: fmt.Sprintf("check the SSH host key against %s: %s", p.Path, err)}
}
