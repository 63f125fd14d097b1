package console_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

// The commands and options of telnet, as the device's side writes them.
const (
	se, nop, sb, will, wont, do, dont, iac = "\xf0", "\xf1", "\xfa", "\xfb", "\xfc", "\xfd", "\xfe", "\xff"

	echo, noGoAhead, terminalType, speed, size = "\x01", "\x03", "\x18", "\x20", "\x1f"
)

func TestTelnetNegotiation(t *testing.T) {
	t.Parallel()
	for name, talk := range map[string]struct{ device, client string }{
		"terminal type": {iac + do + terminalType, iac + will + terminalType},
		"type is told":  {iac + sb + terminalType + "\x01" + iac + se, iac + sb + terminalType + "\x00vt100" + iac + se},
		"size is told":  {iac + do + size, iac + will + size + iac + sb + size + "\x01" + iac + iac + "\x00\x00" + iac + se},
		"no go-aheads":  {iac + will + noGoAhead + iac + do + noGoAhead, iac + do + noGoAhead + iac + will + noGoAhead},
		"device echoes": {iac + will + echo, iac + do + echo},
		"we do not":     {iac + do + echo, iac + wont + echo},
		"nothing else":  {iac + do + speed + iac + will + speed, iac + wont + speed + iac + dont + speed},
		"said twice":    {iac + will + echo + iac + will + echo, iac + do + echo},
		"taken back":    {iac + will + echo + iac + wont + echo + iac + wont + echo, iac + do + echo + iac + dont + echo},
		"unknown":       {iac + nop + iac + sb + speed + "\x01" + iac + iac + "x" + iac + se + iac + wont + speed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, chunk := range []int{0, 1} {
				c, _ := device(t, func(p *peer) {
					p.chunk = chunk
					p.say("banner " + talk.device + "and\r\n")
					got := make([]byte, len(talk.client))
					if _, err := io.ReadFull(p.in, got); err != nil || string(got) != talk.client {
						t.Errorf("answered %q, %v; want %q", got, err, talk.client)
					}
					p.shell()
				})
				run(t, open(t, c), "line", "")
			}
		})
	}
}

func TestTelnetEscapesBytes(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	c, _ := device(t, func(p *peer) {
		p.say("login: ")
		name, _ := p.line(false)
		got <- name
	})
	c.Username = "a\xffb"
	_ = failing(t, c)
	if name := <-got; name != "a\xff\xffb" {
		t.Errorf("the device got %q", name)
	}
}

func TestTelnetUnescapesBytes(t *testing.T) {
	t.Parallel()
	c, _ := device(t, answering(map[string]string{"show": "a" + iac + iac + "b\r\x00\r\n"}))
	run(t, open(t, c), "show", "a\uFFFDb\n")
}

// A device that offers and offers, and does not listen, must not hold a line for ever.
func TestTelnetWithADeviceThatDoesNotListen(t *testing.T) {
	t.Parallel()
	stuck := make(chan struct{})
	c, _ := device(t, func(p *peer) {
		p.reply = func(p *peer, line string) bool {
			if line != "last" {
				return true
			}
			p.say(p.prompt)
			flood(p.out.(net.Conn))
			close(stuck)
			<-t.Context().Done()
			return false
		}
		p.shell()
	})
	s := open(t, c)
	run(t, s, "last", "")
	<-stuck
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := s.Run(ctx, "next")
	wantError(t, err, sdk.Timeout, true, "nothing was entered")
}

// flood offers until the other end takes no more, because its answers are not taken.
func flood(c net.Conn) {
	for offers := bytes.Repeat([]byte(iac+do+speed), 1<<12); ; {
		if c.SetWriteDeadline(time.Now().Add(time.Second)) != nil {
			return
		}
		if _, err := c.Write(offers); err != nil {
			return
		}
	}
}
