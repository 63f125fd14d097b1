package console_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
)

// sshDevice serves a script over SSH. What is left out is as on most devices.
type sshDevice struct {
	script  script
	config  ssh.ServerConfig
	keys    []ssh.Signer
	noShell bool
	noRooms bool // no channel is opened

	mu    sync.Mutex
	tries int    // guarded by mu: how often a password was offered
	pty   []byte // guarded by mu: the last terminal asked for
}

func hostKey(t *testing.T) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return signer(t, key, err)
}

func signer(t *testing.T, key any, err error) ssh.Signer {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var errWrong = errors.New("wrong")

func (d *sshDevice) try(user, word string) (*ssh.Permissions, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tries++
	if user != "haas" || word != password {
		return nil, errWrong
	}
	return nil, nil
}

func (d *sshDevice) password(c ssh.ConnMetadata, word []byte) (*ssh.Permissions, error) {
	return d.try(c.User(), string(word))
}

func (d *sshDevice) interactive(c ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
	answers, err := ask("", "", []string{"Password: "}, []bool{false})
	if err != nil {
		return nil, err
	}
	return d.try(c.User(), answers[0])
}

// start serves until the test ends.
func (d *sshDevice) start(t *testing.T) console.Config {
	t.Helper()
	if d.keys == nil {
		d.keys = []ssh.Signer{hostKey(t)}
	}
	if d.script == nil {
		d.script = func(p *peer) { p.shell() }
	}
	for _, k := range d.keys {
		d.config.AddHostKey(k)
	}
	if d.config.PasswordCallback == nil && d.config.KeyboardInteractiveCallback == nil && !d.config.NoClientAuth {
		d.config.PasswordCallback = d.password
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(func() { hangUp(l) })
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { hangUp(conn) })
			running.Go(func() { d.serve(conn) })
		}
	})
	c := config(t, l.Addr().String())
	c.Transport = console.SSH
	c.KnownHosts = filepath.Join(t.TempDir(), "ssh", "known_hosts")
	return c
}

func (d *sshDevice) serve(conn net.Conn) {
	defer hangUp(conn)
	sc, channels, requests, err := ssh.NewServerConn(conn, &d.config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		if d.noRooms {
			_ = offered.Reject(ssh.ResourceShortage, "no more sessions")
			continue
		}
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		go d.channel(channel, requests)
	}
	_ = sc.Close()
}

func (d *sshDevice) channel(c ssh.Channel, requests <-chan *ssh.Request) {
	for r := range requests {
		if r.Type == "pty-req" {
			d.mu.Lock()
			d.pty = r.Payload
			d.mu.Unlock()
		}
		ok := r.Type == "pty-req" || r.Type == "shell" && !d.noShell
		_ = r.Reply(ok, nil)
		if ok && r.Type == "shell" {
			go func() {
				defer hangUp(c)
				d.script(&peer{in: bufio.NewReader(c), out: c, prompt: "sw# ", log: &record{}, close: func() { _ = c.Close() }})
			}()
		}
	}
}

func TestSSH(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*sshDevice{
		"password":             {},
		"keyboard-interactive": {config: ssh.ServerConfig{}},
		"login in the terminal": {
			config: ssh.ServerConfig{NoClientAuth: true},
			script: func(p *peer) {
				if p.login() {
					p.shell()
				}
			},
		},
		"old algorithms": {config: ssh.ServerConfig{Config: ssh.Config{
			KeyExchanges: []string{ssh.InsecureKeyExchangeDH14SHA1},
			Ciphers:      []string{ssh.InsecureCipherAES128CBC},
			MACs:         []string{ssh.HMACSHA1},
		}}},
		"older algorithms": {config: ssh.ServerConfig{Config: ssh.Config{
			KeyExchanges: []string{ssh.InsecureKeyExchangeDHGEXSHA1},
			Ciphers:      []string{ssh.InsecureCipherAES128CBC},
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			switch name {
			case "keyboard-interactive":
				d.config.KeyboardInteractiveCallback = d.interactive
			case "old algorithms":
				key, err := rsa.GenerateKey(rand.Reader, 2048)
				old, err := ssh.NewSignerWithAlgorithms(signer(t, key, err).(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSA})
				if err != nil {
					t.Fatal(err)
				}
				d.keys = []ssh.Signer{old}
			}
			s := open(t, d.start(t))
			run(t, s, "line", "")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			if want := "\x00\x00\x00\x05vt100\x00\x00\x01\xff\x00\x00\x00\x00"; !strings.HasPrefix(string(d.pty), want) {
				t.Errorf("the terminal is %q", d.pty)
			}
		})
	}
}

func TestSSHRejectsAPasswordOnce(t *testing.T) {
	t.Parallel()
	d := &sshDevice{}
	d.config.PasswordCallback, d.config.KeyboardInteractiveCallback = d.password, d.interactive
	c := d.start(t)
	c.Password = "wrong-" + password
	wantError(t, failing(t, c), sdk.Denied, false, `log in to 127.0.0.1 as "haas" over SSH`)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tries != 1 {
		t.Errorf("the wrong password was offered %d times", d.tries)
	}
}

func TestSSHHasNoSessionLeft(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*sshDevice{
		"no channel": {noRooms: true},
		"no shell":   {noShell: true},
		"no words":   {script: func(*peer) {}},
		"its words":  {script: func(p *peer) { p.say("too many sessions\r\n") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, failing(t, d.start(t)), sdk.Busy, true, "no session left")
		})
	}
	t.Run("closed at once", func(t *testing.T) {
		t.Parallel()
		c, _ := device(t, func(*peer) {})
		c.Transport, c.KnownHosts = console.SSH, filepath.Join(t.TempDir(), "known_hosts")
		wantError(t, failing(t, c), sdk.Busy, true, "no session left")
	})
}

func TestSSHWithASilentDevice(t *testing.T) {
	t.Parallel()
	c, _ := device(t, func(p *peer) { _, _ = io.Copy(io.Discard, p.in) })
	c.Transport, c.KnownHosts, c.Deadline = console.SSH, filepath.Join(t.TempDir(), "known_hosts"), 200*time.Millisecond
	wantError(t, failing(t, c), sdk.Timeout, true, "reach 127.0.0.1", "200ms")
}

func TestHostKeysArePinned(t *testing.T) {
	t.Parallel()
	d := &sshDevice{keys: []ssh.Signer{hostKey(t)}}
	c := d.start(t)
	for range 2 {
		_ = open(t, c).Close()
	}
	pinned, err := os.ReadFile(c.KnownHosts)
	if err != nil || strings.Count(string(pinned), "\n") != 1 {
		t.Fatalf("pinned: %q, %v", pinned, err)
	}
	for path, want := range map[string]os.FileMode{c.KnownHosts: 0o600, filepath.Dir(c.KnownHosts): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestAChangedHostKeyIsRefused(t *testing.T) {
	t.Parallel()
	d := &sshDevice{}
	c := d.start(t)
	other := strings.Fields(string(ssh.MarshalAuthorizedKey(hostKey(t).PublicKey())))
	write(t, c.KnownHosts, "# devices\n["+c.Host+"]:"+portOf(c)+" "+other[0]+" "+other[1]) // and no line end
	wantError(t, failing(t, c), sdk.Refused, false, c.KnownHosts+":2", "in between", "SHA256:")
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tries != 0 {
		t.Error("the password was offered to a stranger")
	}
}

func TestAPinIsAddedBehindALineWithoutEnd(t *testing.T) {
	t.Parallel()
	c := (&sshDevice{}).start(t)
	other := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(hostKey(t).PublicKey())))
	write(t, c.KnownHosts, "elsewhere "+other)
	for range 2 {
		_ = open(t, c).Close()
	}
}

func TestAnUnusableFileOfHostKeys(t *testing.T) {
	t.Parallel()
	d := &sshDevice{}
	c := d.start(t)
	write(t, c.KnownHosts, "sw-07 ssh-ed25519 nonsense\n")
	wantError(t, failing(t, c), sdk.Refused, false, c.KnownHosts)
}

// A device that has got a key of another type, which would be preferred, is still the same.
func TestThePinnedTypeOfKeyIsAskedFor(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ecdsaKey := signer(t, key, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	for _, old := range []ssh.Signer{hostKey(t), signer(t, rsaKey, err), ecdsaKey} {
		c := (&sshDevice{keys: []ssh.Signer{old}}).start(t)
		_ = open(t, c).Close()
		pinned, err := os.ReadFile(c.KnownHosts)
		if err != nil {
			t.Fatal(err)
		}
		grown := (&sshDevice{keys: []ssh.Signer{hostKey(t), ecdsaKey, signer(t, rsaKey, nil), old}}).start(t)
		write(t, grown.KnownHosts, strings.Replace(string(pinned), portOf(c), portOf(grown), 1))
		_ = open(t, grown).Close()
	}
}

func TestTwoPinnersAtOnce(t *testing.T) {
	t.Parallel()
	c := (&sshDevice{}).start(t)
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() {
			s, err := console.Open(t.Context(), c)
			if err != nil {
				t.Error(err)
				return
			}
			_ = s.Close()
		})
	}
	both.Wait()
	if pinned, err := os.ReadFile(c.KnownHosts); err != nil || strings.Count(string(pinned), "\n") != 1 {
		t.Errorf("pinned: %q, %v", pinned, err)
	}
}

func portOf(c console.Config) string { return strconv.Itoa(c.Port) }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
