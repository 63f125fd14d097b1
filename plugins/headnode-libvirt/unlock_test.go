// A program cannot be imported, so its tests are inside.

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
)

// challenge is what a screen asks to be encrypted.
const challenge = "0123456789abcdef"

// screenWith plays a screen: it says one text after the other, and hears so many bytes before each.
func screenWith(t testing.TB, says ...string) net.Conn {
	t.Helper()
	near, far := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = far.Close() }()
		heard := []int{0, len(rfbVersion), 0, 1, len(challenge)}
		for i, text := range says {
			if _, err := io.CopyN(io.Discard, far, int64(heard[i])); err != nil {
				return
			}
			if _, err := far.Write([]byte(text)); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = near.Close()
		<-done
	})
	return near
}

func TestScreensThatAreNotTheRightOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		says []string
		want string
	}{
		"another protocol":        {[]string{"SSH-2.0-dropbear\r\n"}, `begins with "SSH-2.0-drop"`},
		"an old version":          {[]string{"RFB 003.003\n"}, "begins with"},
		"one without a password":  {[]string{rfbVersion, "\x01", "\x01"}, "does not ask for it"},
		"one that takes nobody":   {[]string{rfbVersion, "\x00"}, "does not ask for it"},
		"another password":        {[]string{rfbVersion, "\x01", "\x02", challenge, "\x00\x00\x00\x01"}, "it has another"},
		"one that hangs up":       {[]string{rfbVersion, "\x01", "\x02", "0123"}, "EOF"},
		"one that says nothing":   {nil, "EOF"},
		"one that ends too early": {[]string{rfbVersion, "\x01", "\x02", challenge, "\x00"}, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := unlock(t.Context(), screenWith(t, c.says...), "secret")
			wantText(t, err, sdk.Unavailable, c.want)
			if strings.Contains(err.Error(), "secret") {
				t.Error("the error tells the password")
			}
		})
	}
}

func TestAScreenThatIsSilentIsGivenUp(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	t.Cleanup(func() { _ = far.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := unlock(ctx, near, "secret"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestViewersOfAnUnlockedScreen lets viewers say things in pieces of every size.
func TestViewersOfAnUnlockedScreen(t *testing.T) {
	t.Parallel()
	opening := []byte(rfbVersion + "\x01")
	for size := 1; size <= len(opening)+1; size++ {
		near, far := net.Pipe()
		u := &unlocked{Conn: near, hear: bytes.Clone(opening)}
		heard := make(chan []byte)
		go func() {
			all, _ := io.ReadAll(far) // it ends with near
			heard <- all
		}()
		for piece := range slices.Chunk(append(bytes.Clone(opening), "hello"...), size) {
			if n, err := u.Write(piece); n != len(piece) || err != nil {
				t.Errorf("%d of %d, %v", n, len(piece), err)
			}
		}
		_ = u.Close()
		if got := string(<-heard); got != "hello" {
			t.Errorf("in pieces of %d, the screen heard %q", size, got)
		}
	}
	u := &unlocked{hear: bytes.Clone(opening)}
	if _, err := u.Write([]byte("RFB 003.003\n")); err == nil {
		t.Error("an old viewer may speak to a screen that does not understand it")
	}
}

func FuzzUnlock(f *testing.F) {
	f.Add([]byte(rfbVersion+"\x01\x02"+challenge+rfbOK), "secret")
	f.Add([]byte(rfbVersion+"\xff"), "")
	f.Fuzz(func(t *testing.T, says []byte, password string) {
		conn := struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(says), io.Discard}
		if err := authenticate(conn, password); err == nil && !bytes.HasPrefix(says, []byte(rfbVersion)) {
			t.Errorf("%q is a screen", says)
		}
	})
}
