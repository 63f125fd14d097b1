package libvirttest

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// The numbers of the calls that change a host, in libvirt's protocol.
const (
	DomainCreate        = 9
	DomainDestroy       = 12
	StorageVolCreateXML = 93
	StorageVolDelete    = 94
	DomainUndefineFlags = 231
	DomainDefineXML     = 350 // with flags
)

const (
	// headSize is that of the head of a packet of libvirt's protocol, which begins with the packet's length.
	headSize = 28
	// procedureAt is where a head has the number of the call that the packet belongs to.
	procedureAt = 12
)

// Packet is what a driver says to libvirtd, or is told by it.
type Packet struct {
	// Procedure is the number of the call that it belongs to.
	Procedure uint32
	// Answer says that it is from libvirtd.
	Answer bool
	// Driver is the process at the near end.
	Driver int
}

// Relay stands between drivers and the libvirtd of a host.
type Relay struct {
	socket, libvirtd string
	passes           func(Packet) bool
}

// NewRelay starts a relay that ends with the test. It asks passes about each packet, perhaps about several at the same time,
// and hangs up instead of carrying one that does not pass. While libvirtd is down it hangs up at once.
func NewRelay(t testing.TB, h *Host, passes func(Packet) bool) *Relay {
	t.Helper()
	r := &Relay{socket: filepath.Join(shortDir(t), "s"), libvirtd: h.socket(), passes: passes}
	l, err := net.Listen("unix", r.socket)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, l, r.serve)
	return r
}

// accept serves whoever comes until the test ends, and waits for those who came.
func accept(t testing.TB, l net.Listener, serve func(net.Conn)) {
	t.Helper()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { serve(near) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close() // it always succeeds
		all.Wait()
	})
}

// URI is what a driver is given that is to go through the relay.
func (r *Relay) URI() string { return uri(r.socket) }

// uri is that of the libvirtd that listens on a socket.
func uri(socket string) string { return "qemu+unix:///system?socket=" + url.QueryEscape(socket) }

// serve carries packets until either side hangs up or one does not pass.
func (r *Relay) serve(near net.Conn) {
	defer func() { _ = near.Close() }() // the other side may have done so
	driver, err := peer(near)
	if err != nil {
		return
	}
	far, err := net.Dial("unix", r.libvirtd)
	if err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { r.carry(near, far, Packet{Answer: true, Driver: driver}) })
	r.carry(far, near, Packet{Driver: driver})
	back.Wait()
}

// carry carries packets one way. When it ends, both ways do.
func (r *Relay) carry(to, from net.Conn, p Packet) {
	defer func() { _, _ = to.Close(), from.Close() }() // the other way may have done so
	for {
		packet, err := read(from)
		if err != nil {
			return
		}
		p.Procedure = binary.BigEndian.Uint32(packet[procedureAt:])
		if !r.passes(p) {
			return
		}
		if _, err := to.Write(packet); err != nil {
			return
		}
	}
}

// read reads a packet.
func read(from io.Reader) ([]byte, error) {
	var head [headSize]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size < headSize {
		return nil, fmt.Errorf("a packet of %d bytes", size)
	}
	packet := append(head[:], make([]byte, size-headSize)...)
	_, err := io.ReadFull(from, packet[headSize:])
	return packet, err
}

// peer is the process at the other end of a socket.
func peer(conn net.Conn) (pid int, err error) {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var who *syscall.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		who, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return 0, os.NewSyscallError("getsockopt", err)
	}
	return int(who.Pid), nil
}
