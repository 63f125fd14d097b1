package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

// The places in an Ethernet frame.
const (
	addressesLen = 12
	headerLen    = 14
	tagLen       = 4
)

// etherVLAN is the type of a frame with a VLAN tag.
const etherVLAN = 0x8100

// wire is the plug of a machine: all frames that come in on an interface, and any frame out, whatever the machine's
// own network settings are. A machine in strange hands can do no more.
type wire struct {
	file *os.File
	conn syscall.RawConn
}

// arrival is a frame that came in.
type arrival struct {
	// frame is without its VLAN tag.
	frame []byte
	// vlan is that of its tag, 0 without one.
	vlan int
	// at is when the kernel took it.
	at time.Time
}

// openWire opens the wire of an interface in a namespace.
func openWire(ns *ovstest.Namespace, nic string) (*wire, error) {
	var fd int
	if err := ns.Do(func() (err error) { fd, err = rawSocket(nic); return err }); err != nil {
		return nil, fmt.Errorf("open the wire of %s: %w", nic, err)
	}
	w := &wire{file: os.NewFile(uintptr(fd), nic)}
	var err error
	if w.conn, err = w.file.SyscallConn(); err != nil {
		return nil, errors.Join(err, w.file.Close())
	}
	return w, nil
}

func rawSocket(nic string) (int, error) {
	i, err := net.InterfaceByName(nic)
	if err != nil {
		return 0, err
	}
	// Without a protocol nothing comes in before the socket is bound to its interface.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, 1),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: i.Index}),
	)
	if err != nil {
		return 0, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}

// send puts a frame on the wire, as it is.
func (w *wire) send(frame []byte) error {
	_, err := w.file.Write(frame)
	return err
}

// receive waits for the next frame. The frame is in buf.
func (w *wire) receive(buf []byte) (a arrival, err error) {
	control := make([]byte, 128)
	var n, controlled int
	waited := w.conn.Read(func(fd uintptr) bool {
		n, controlled, _, _, err = unix.Recvmsg(int(fd), buf, control, 0)
		return !errors.Is(err, unix.EAGAIN)
	})
	if err := errors.Join(waited, err); err != nil {
		return arrival{}, err
	}
	a = arrival{frame: buf[:n]}
	return a.annotate(control[:controlled])
}

// close ends a receive that waits.
func (w *wire) close() error { return w.file.Close() }

// annotate adds what the kernel has put beside the frame: the tag, which it takes out, and the time.
func (a arrival) annotate(control []byte) (arrival, error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return a, err
	}
	for _, m := range messages {
		switch {
		case m.Header.Level == unix.SOL_PACKET && m.Header.Type == unix.PACKET_AUXDATA:
			// A struct tpacket_auxdata begins with its status, and has the tag at byte 16.
			if binary.NativeEndian.Uint32(m.Data)&unix.TP_STATUS_VLAN_VALID != 0 {
				a.vlan = int(binary.NativeEndian.Uint16(m.Data[16:])) & 0xfff
			}
		case m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS_NEW:
			a.at = time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:])))
		}
	}
	return a, nil
}

// tagged is a frame with the tag of a VLAN; 0 leaves it without.
func tagged(frame []byte, vlan int) []byte {
	if vlan == 0 {
		return frame
	}
	out := make([]byte, 0, len(frame)+tagLen)
	out = append(out, frame[:addressesLen]...)
	out = binary.BigEndian.AppendUint16(out, etherVLAN)
	out = binary.BigEndian.AppendUint16(out, uint16(vlan))
	return append(out, frame[addressesLen:]...)
}
