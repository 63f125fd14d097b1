// A program cannot be imported, so its tests are inside.

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
)

// impostor listens where libvirtd should, answers with nonsense whoever comes, and gives the URI.
func impostor(t testing.TB, nonsense string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "imp") //nolint:usetesting // t.TempDir is too long for a socket.
	must(t, err)
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	must(t, err)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				_, _ = io.WriteString(conn, nonsense)
				_, _ = io.Copy(io.Discard, conn)
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
		_ = os.RemoveAll(dir)
	})
	return "qemu+unix:///system?socket=" + socket
}

func TestNonsenseIsSurvived(t *testing.T) {
	t.Parallel()
	for name, nonsense := range map[string]string{
		"HTTP":                     "HTTP/1.1 400 Bad Request\r\n\r\n",
		"a packet without a head":  "\x00\x00\x00\x05\x01" + strings.Repeat("\x00", 40),
		"a packet of nothing":      strings.Repeat("\x00", 64),
		"a packet that never ends": "\x7f\xff\xff\xff" + strings.Repeat("\x00", 64),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), target(t, impostor(t, nonsense), nil))
			if sdk.CodeOf(err) != sdk.Unavailable {
				t.Error(err)
			}
		})
	}
}

func TestSilenceEndsWithTheContext(t *testing.T) {
	t.Parallel()
	where := target(t, impostor(t, ""), nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // a busy machine needs some of it to connect
	defer cancel()
	_, err := newDriver(hclog.NewNullLogger()).Open(ctx, where)
	if sdk.CodeOf(err) != sdk.Timeout || !sdk.IsRetryable(err) {
		t.Error(err)
	}
}

// pipe is a connection that is read from r.
type pipe struct {
	net.Conn
	r io.Reader
}

func (p pipe) Read(b []byte) (int, error) { return p.r.Read(b) }

// packetOf is a packet whose content is its name.
func packetOf(kind, serial, status uint32, name string) string {
	var h head
	binary.BigEndian.PutUint32(h[serialAt:], serial)
	b := h.stream(status, []byte(name))
	binary.BigEndian.PutUint32(b[typeAt:], kind)
	return string(b)
}

// TestStreams are heard as go-libvirt can bear it: after the answer to the call that opened them, and not after their end.
func TestStreams(t *testing.T) {
	t.Parallel()
	const failed = 1
	answer, other := packetOf(packetReply, 7, statusOK, "answer"), packetOf(packetReply, 6, statusOK, "other")
	one, two := packetOf(packetStream, 7, statusMore, "one"), packetOf(packetStream, 7, statusMore, "two")
	empty, finish, lost := packetOf(packetStream, 7, statusMore, ""), packetOf(packetStream, 7, statusOK, ""), packetOf(packetStream, 7, failed, "lost")
	for name, c := range map[string]struct{ sent, want string }{
		"in order":                        {other + answer + one + two + empty, other + answer + one + two + empty},
		"the answer is late":              {other + one + two + empty + answer, other + answer + one + two + empty},
		"the answer is late, before more": {one + other + answer + two, other + answer + one + two},
		"there are two ends":              {answer + one + empty + lost + other, answer + one + empty + other},
		"there are three ends":            {answer + empty + finish + lost, answer + empty},
		"it has failed":                   {answer + lost + empty + one, answer + lost},
		"it has failed early":             {lost + empty + answer + other, answer + lost + other},
		"it is finished":                  {answer + one + finish + lost, answer + one + finish},
	} {
		for size := range 40 {
			w := newWire(pipe{r: strings.NewReader(c.sent)})
			got, err := io.ReadAll(&sized{w, 1 + size})
			if err != nil || string(got) != c.want {
				t.Errorf("%s, read in pieces of %d: %q, %v", name, 1+size, got, err)
			}
		}
	}
}

// FuzzWire wants what is read to be what was sent, in whole packets or to their end, however it comes, but for streams.
func FuzzWire(f *testing.F) {
	packet := append([]byte{0, 0, 0, 30}, make([]byte, 26)...)
	f.Add(packet, 1)
	f.Add(append(packet, packet...), 7)
	f.Add([]byte{0, 0, 0, 1}, 3)
	f.Add([]byte(packetOf(packetStream, 1, statusMore, "x")+packetOf(packetReply, 1, statusOK, "")), 9)
	f.Fuzz(func(t *testing.T, sent []byte, size int) {
		streams := 0
		w := newWire(pipe{r: iotest.OneByteReader(bytes.NewReader(sent))})
		w.heard = func(h *head) {
			if h.word(typeAt) == packetStream {
				streams++
			}
		}
		got, err := io.ReadAll(&sized{w, 1 + size&0xff})
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(err.Error(), "no libvirtd") {
			t.Error(err)
		}
		if streams == 0 && !bytes.HasPrefix(sent, got) || len(got) > len(sent) {
			t.Errorf("%x became %x", sent, got)
		}
	})
}

// sized reads so many bytes at once at most.
type sized struct {
	r    io.Reader
	size int
}

func (s *sized) Read(b []byte) (int, error) { return s.r.Read(b[:min(len(b), s.size)]) }
