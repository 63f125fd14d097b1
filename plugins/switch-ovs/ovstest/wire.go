package ovstest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// etherType marks our frames: the number that IEEE 802 keeps for experiments. dot1q is that of a VLAN tag.
const (
	etherType = 0x88b5
	dot1q     = 0x8100
)

// Frame is a broadcast of a machine. Tags are the VLAN ids of its tags, outermost first: none for an untagged frame, one
// of 0 for a priority tag.
type Frame struct {
	Tags []int
	Text string
}

// Wire is a NIC's cable, on which frames are sent and seen with any tags, whether or not the kernel knows VLANs.
type Wire struct {
	file *os.File
	mac  net.HardwareAddr
}

// OpenWire taps a NIC of the machine.
func (n *Namespace) OpenWire(nic string) (*Wire, error) {
	var w Wire
	err := n.Do(func() error {
		i, err := net.InterfaceByName(nic)
		if err != nil {
			return err
		}
		w.mac = i.HardwareAddr
		w.file, err = openPacketSocket(i.Index)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("tap %s: %w", nic, err)
	}
	return &w, nil
}

func openPacketSocket(index int) (*os.File, error) {
	all := binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, unix.ETH_P_ALL)) // in the order of the network
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "packet socket")
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1), // a received tag is not in the frame, but beside it
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index}))
	if err != nil {
		_ = file.Close() // the error at hand is the one that matters
		return nil, err
	}
	return file, nil
}

// Close lets go of the cable.
func (w *Wire) Close() error { return w.file.Close() }

// Send sends a frame to everybody.
func (w *Wire) Send(f Frame) error {
	b := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	b = append(b, w.mac...)
	for _, tag := range f.Tags {
		b = binary.BigEndian.AppendUint16(b, dot1q)
		b = binary.BigEndian.AppendUint16(b, uint16(tag))
	}
	b = binary.BigEndian.AppendUint16(b, etherType)
	b = binary.BigEndian.AppendUint16(b, uint16(len(f.Text)))
	b = append(b, f.Text...)
	const shortest = 60
	b = append(b, make([]byte, max(0, shortest-len(b)))...)
	_, err := w.file.Write(b)
	return err
}

// Receive is the next frame that another machine sent with Send; other traffic is passed over. If none comes in time
// the error is os.ErrDeadlineExceeded.
func (w *Wire) Receive(limit time.Duration) (Frame, error) {
	if err := w.file.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return Frame{}, err
	}
	raw, err := w.file.SyscallConn()
	if err != nil {
		return Frame{}, err
	}
	for {
		var p packet
		if err := raw.Read(p.receive); err != nil {
			return Frame{}, err
		}
		if f, ok := p.parse(); ok || p.err != nil {
			return f, p.err
		}
	}
}

// packet is what the kernel says about a received frame.
type packet struct {
	frame    []byte
	tag      int
	tagged   bool
	outgoing bool
	err      error
}

// receive reports whether it is over; else it is called again when there is something to read.
func (p *packet) receive(fd uintptr) bool {
	frame, control := make([]byte, 2048), make([]byte, 256)
	n, c, _, from, err := unix.Recvmsg(int(fd), frame, control, 0)
	if err != nil {
		p.err = err
		return !errors.Is(err, unix.EAGAIN)
	}
	p.frame, p.err = frame[:n], nil
	if l, ok := from.(*unix.SockaddrLinklayer); ok {
		p.outgoing = l.Pkttype == unix.PACKET_OUTGOING
	}
	messages, err := unix.ParseSocketControlMessage(control[:c])
	p.err = err
	for _, m := range messages {
		if m.Header.Type == unix.PACKET_AUXDATA && len(m.Data) >= int(unsafe.Sizeof(unix.TpacketAuxdata{})) {
			status, tci := binary.NativeEndian.Uint32(m.Data), binary.NativeEndian.Uint16(m.Data[16:])
			p.tagged, p.tag = status&unix.TP_STATUS_VLAN_VALID != 0, int(tci)&0xfff
		}
	}
	return true
}

// parse is the frame, if it is one of ours.
func (p *packet) parse() (Frame, bool) {
	var f Frame
	if p.tagged {
		f.Tags = []int{p.tag}
	}
	b := p.frame
	for at := 12; len(b) >= at+4; at += 4 {
		word := int(binary.BigEndian.Uint16(b[at+2:]))
		switch binary.BigEndian.Uint16(b[at:]) {
		case dot1q:
			f.Tags = append(f.Tags, word&0xfff)
		case etherType:
			if p.outgoing || len(b) < at+4+word {
				return f, false
			}
			f.Text = string(b[at+4 : at+4+word])
			return f, true
		default:
			return f, false
		}
	}
	return f, false
}
