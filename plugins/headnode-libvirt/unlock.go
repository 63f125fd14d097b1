package main

import (
	"bytes"
	"context"
	"crypto/des" //nolint:gosec // VNC knows nothing better; the password is for the host's loopback.
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net"
	"slices"
)

// What is said before a screen is shown, as RFC 6143 has it, 7.1 and 7.2.
const (
	rfbVersion  = "RFB 003.008\n"
	rfbOpen     = 1 // the type of security that asks nothing
	rfbPassword = 2
	rfbOK       = "\x00\x00\x00\x00" // the result
)

// unlock tells a screen its password, and gives a connection to it that asks for none. It closes conn if that fails.
func unlock(ctx context.Context, conn net.Conn, password string) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err := authenticate(conn, password)
	if !stop() {
		return nil, ctx.Err()
	}
	if err != nil {
		_ = conn.Close() // the error at hand is the one that matters
		return nil, unavailable("tell the screen its password", err)
	}
	return &unlocked{
		Conn: conn,
		say:  slices.Concat([]byte(rfbVersion), []byte{1, rfbOpen}, []byte(rfbOK)),
		hear: append([]byte(rfbVersion), rfbOpen),
	}, nil
}

// authenticate wants to be asked for the password: a screen that asks for none is not the one it is for.
func authenticate(conn io.ReadWriter, password string) error {
	version, err := hear(conn, len(rfbVersion))
	if err != nil {
		return err
	}
	if string(version) != rfbVersion {
		return fmt.Errorf("it begins with %q, and not with %q", version, rfbVersion)
	}
	count, err := ask(conn, version, 1)
	if err != nil {
		return err
	}
	types, err := hear(conn, int(count[0]))
	if err != nil {
		return err
	}
	if !bytes.Contains(types, []byte{rfbPassword}) {
		return fmt.Errorf("it does not ask for it: its types of security are %v", types)
	}
	challenge, err := ask(conn, []byte{rfbPassword}, 2*des.BlockSize)
	if err != nil {
		return err
	}
	result, err := ask(conn, response(challenge, password), len(rfbOK))
	if err == nil && string(result) != rfbOK {
		err = errors.New("it has another")
	}
	return err
}

// ask says something, and takes an answer of n bytes.
func ask(conn io.ReadWriter, say []byte, n int) ([]byte, error) {
	if _, err := conn.Write(say); err != nil {
		return nil, err
	}
	return hear(conn, n)
}

func hear(conn io.Reader, n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(conn, b)
	return b, err
}

// response is the challenge, encrypted with the password. VNC takes the bits of each character in reverse.
func response(challenge []byte, password string) []byte {
	var key [8]byte
	copy(key[:], password)
	for i, b := range key {
		key[i] = bits.Reverse8(b)
	}
	block, err := des.NewCipher(key[:]) //nolint:gosec // as above
	if err != nil {
		panic(err) // a key of eight bytes is one
	}
	answer := make([]byte, len(challenge))
	for at := 0; at < len(challenge); at += des.BlockSize {
		block.Encrypt(answer[at:], challenge[at:])
	}
	return answer
}

// unlocked is a screen that has been told its password. To whoever looks at it, it plays one that asks for nothing.
type unlocked struct {
	net.Conn
	say  []byte // before anything the screen says; for the reader alone
	hear []byte // what must be said before the screen is told anything; for the writer alone
}

// Read gives what the screen says. All of what comes first can be said at once: there is only one answer to it.
func (u *unlocked) Read(b []byte) (int, error) {
	if len(u.say) > 0 {
		n := copy(b, u.say)
		u.say = u.say[n:]
		return n, nil
	}
	return u.Conn.Read(b)
}

// Write tells the screen something.
func (u *unlocked) Write(b []byte) (int, error) {
	n := min(len(b), len(u.hear))
	if !bytes.Equal(b[:n], u.hear[:n]) {
		return 0, fmt.Errorf("the viewer must speak version 3.8 of RFB and take a screen without a password; it said %q", b[:n])
	}
	u.hear = u.hear[n:]
	if n == len(b) {
		return n, nil
	}
	m, err := u.Conn.Write(b[n:])
	return n + m, err
}
