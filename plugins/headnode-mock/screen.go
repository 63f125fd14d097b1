package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
)

// The protocol of screens (RFC 6143) as far as a picture of one colour needs it.
const (
	protocol      = "RFB 003.008\n"
	noSecurity    = 1
	width, height = 320, 200
)

// The messages of a viewer.
const (
	setPixelFormat = 0
	setEncodings   = 2
	wantUpdate     = 3
	keyEvent       = 4
	pointerEvent   = 5
	cutText        = 6
)

// pixels is the format that the screen begins with: 32 bits, of which blue has the lowest eight, then green, then red.
var pixels = [16]byte{32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0}

// screens are those that somebody looks at, by the names of their machines.
type screens struct {
	mu   sync.Mutex // guards open
	open map[string][]*screen
}

// show opens the screen of a machine until it is closed or ctx ends.
func (s *screens) show(ctx context.Context, machine, title string) *screen {
	near, far := net.Pipe()
	v := &screen{Conn: near, release: func(v *screen) { s.drop(machine, v) }}
	v.unbind = context.AfterFunc(ctx, func() { _ = v.Close() })
	s.mu.Lock()
	s.open[machine] = append(s.open[machine], v)
	s.mu.Unlock()
	go func() {
		defer func() { _ = far.Close() }()
		p := painter{in: bufio.NewReader(far), out: far, bytesPerPixel: 4, colour: 60}
		_ = p.serve(title) // it ends when the viewer goes, or talks nonsense
	}()
	return v
}

func (s *screens) drop(machine string, v *screen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[machine] = slices.DeleteFunc(s.open[machine], func(o *screen) bool { return o == v })
	if len(s.open[machine]) == 0 {
		delete(s.open, machine)
	}
}

// hangUp ends the screens of a machine.
func (s *screens) hangUp(machine string) {
	s.mu.Lock()
	open := slices.Clone(s.open[machine])
	s.mu.Unlock()
	for _, v := range open {
		_ = v.Close() // it never fails
	}
}

// screen is a viewer's end of a screen.
type screen struct {
	net.Conn
	release func(*screen)
	unbind  func() bool
	once    sync.Once
}

// Close ends it.
func (v *screen) Close() error {
	v.once.Do(func() {
		v.unbind()
		v.release(v)
	})
	return v.Conn.Close()
}

// painter is the machine's end: it shows one colour, and another with each key.
type painter struct {
	in            *bufio.Reader
	out           io.Writer
	bytesPerPixel int
	colour        byte
	// changed says that the viewer has not seen the colour yet, awaited that the viewer wants to hear of the next change.
	changed, awaited bool
}

func (p *painter) serve(title string) error {
	if err := p.greet(title); err != nil {
		return err
	}
	for {
		kind, err := p.in.ReadByte()
		if err != nil {
			return err
		}
		if err := p.obey(kind); err != nil {
			return err
		}
	}
}

// greet agrees with the viewer on the version, on no security, and on the size of the screen.
func (p *painter) greet(title string) error {
	if err := p.say([]byte(protocol)); err != nil {
		return err
	}
	if _, err := p.hear(len(protocol)); err != nil {
		return err
	}
	if err := p.say([]byte{1, noSecurity}); err != nil {
		return err
	}
	if _, err := p.hear(1); err != nil { // there is one to choose from
		return err
	}
	if err := p.say([]byte{0, 0, 0, 0}); err != nil { // it is fine
		return err
	}
	if _, err := p.hear(1); err != nil { // whether others may look too: they may
		return err
	}
	b := binary.BigEndian.AppendUint16(nil, width)
	b = binary.BigEndian.AppendUint16(b, height)
	b = append(b, pixels[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(title)))
	return p.say(append(b, title...))
}

// obey does what a message of the viewer asks for.
func (p *painter) obey(kind byte) error {
	switch kind {
	case setPixelFormat:
		b, err := p.hear(3 + len(pixels))
		p.bytesPerPixel = max(1, int(b[3])/8)
		return err
	case setEncodings: // raw pixels are always right
		b, err := p.hear(3)
		if err != nil {
			return err
		}
		_, err = p.hear(4 * int(binary.BigEndian.Uint16(b[1:])))
		return err
	case wantUpdate:
		b, err := p.hear(9)
		if err != nil {
			return err
		}
		if incremental := b[0] != 0; incremental && !p.changed {
			p.awaited = true
			return nil
		}
		return p.paint()
	case keyEvent:
		b, err := p.hear(7)
		if down := b[0] != 0; err != nil || !down {
			return err
		}
		return p.change()
	case pointerEvent:
		_, err := p.hear(5)
		return err
	case cutText:
		b, err := p.hear(7)
		if err != nil {
			return err
		}
		_, err = io.CopyN(io.Discard, p.in, int64(binary.BigEndian.Uint32(b[3:])))
		return err
	default:
		return io.ErrUnexpectedEOF
	}
}

// change shows another colour to a viewer who wants to know, at once or when asked.
func (p *painter) change() error {
	p.colour += 40
	p.changed = true
	if !p.awaited {
		return nil
	}
	return p.paint()
}

// paint shows the whole screen.
func (p *painter) paint() error {
	p.changed, p.awaited = false, false
	b := []byte{0, 0, 0, 1, 0, 0, 0, 0} // an update of one rectangle, at the corner
	b = binary.BigEndian.AppendUint16(b, width)
	b = binary.BigEndian.AppendUint16(b, height)
	b = binary.BigEndian.AppendUint32(b, 0) // raw pixels
	return p.say(append(b, slices.Repeat([]byte{p.colour}, width*height*p.bytesPerPixel)...))
}

func (p *painter) say(b []byte) error {
	_, err := p.out.Write(b)
	return err
}

// hear reads n bytes; with an error they are zero.
func (p *painter) hear(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(p.in, b)
	return b, err
}
