package terminal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/term"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

// maxTyped is as much as a terminal hands on at once.
const maxTyped = 4096

// maxWaiting is how many pieces of what a person types wait for the network.
const maxWaiting = 1 << 10

// unsent tells a person what may be lost.
const unsent = "the connection broke; what you typed last may not have arrived"

// departTimeout is how long somebody who leaves waits for the network.
const departTimeout = time.Second

// interrupt is Ctrl-C.
const interrupt = 3

// send sends requests over a connection until it ends.
func (s *session) send(ctx, connected context.Context, a *remote.Attachment) {
	for {
		select {
		case r := <-s.requests:
			if err := r.sendTo(a); err != nil { //nolint:contextcheck // closing the attachment ends it
				s.unsent(ctx, r)
				return
			}
		case <-connected.Done():
			return
		}
	}
}

func (r request) sendTo(a *remote.Attachment) error {
	switch {
	case r.tell != "":
		return a.Tell(r.tell)
	case len(r.keys) > 0:
		return a.Type(r.keys)
	case r.sent != nil:
		close(r.sent)
	}
	return nil
}

// unsent tells that a connection broke over a request. How much of it arrived cannot be known.
func (s *session) unsent(ctx context.Context, r request) {
	switch {
	case len(r.keys) == 0 || ctx.Err() != nil:
	case s.tty != nil:
		s.screen.notice("%s", unsent)
	default:
		s.leave(errors.New("the connection broke while the input was typed; how much of it has arrived is not known"))
	}
}

// listen reads a person's keys.
func (s *session) listen(ctx context.Context, in *input) {
	var escapes Escapes
	buffer := make([]byte, maxTyped)
	for {
		n, err := in.Read(buffer)
		for _, stroke := range escapes.Parse(s.spoken(buffer[:n])) {
			s.act(ctx, stroke)
		}
		if err != nil {
			s.depart(ctx) // the terminal is gone, or the session is over
			return
		}
	}
}

func (s *session) act(ctx context.Context, stroke Stroke) {
	switch stroke.Escape {
	case 0:
		s.typed(ctx, stroke.Keys)
	case escLeave:
		s.depart(ctx)
	case escHelp:
		s.help()
	case escAsk:
		s.keyboard.ask()
		s.tell(ctx, client.Ask)
	case escGive:
		s.tell(ctx, client.Give)
	case escKeep:
		s.tell(ctx, client.Keep)
	case escSize:
		s.size(ctx)
	}
}

// depart leaves once what was typed is sent, if that does not take too long.
func (s *session) depart(ctx context.Context) {
	sent := make(chan struct{})
	s.request(ctx, request{sent: sent})
	select {
	case <-sent:
	case <-s.link.Load().broken:
	case <-time.After(departTimeout):
	}
	s.leave(nil)
}

// typed passes keys on to the machine.
func (s *session) typed(ctx context.Context, keys []byte) {
	switch {
	case s.ReadOnly && slices.Contains(keys, interrupt):
		s.depart(ctx)
	case s.ReadOnly:
		s.say("nothing is typed with --read-only; ~. leaves")
	default:
		s.request(ctx, request{keys: keys})
	}
}

// tell passes a wish on to the server, of whoever may have one.
func (s *session) tell(ctx context.Context, kind client.ConsoleMessageType) {
	switch {
	case s.ReadOnly:
		s.say("nothing is typed with --read-only; ~. leaves")
	case kind != client.Ask && !s.keyboard.isMine():
		s.say("you do not have the keyboard")
	default:
		s.request(ctx, request{tell: kind})
	}
}

// say is a notice that is not repeated for every key.
func (s *session) say(text string) {
	if s.unpassed.isNews(text, time.Now()) {
		s.screen.notice("%s", text)
	}
}

// request has a request sent over the connection there is. Without one it is dropped: what was typed without seeing the
// machine should not reach it later.
func (s *session) request(ctx context.Context, r request) {
	select {
	case <-s.link.Load().broken:
		if ctx.Err() == nil && r.sent == nil {
			s.say("not connected; what you type is not passed on")
		}
		return
	default:
	}
	select {
	case s.requests <- r:
	default:
		s.say("the machine does not take so much; what you type is not passed on")
	}
}

// drop forgets what could not be sent over the connection before.
func (s *session) drop() {
	lost := false
	for len(s.requests) > 0 { // nobody else takes them now
		r := <-s.requests
		lost = lost || len(r.keys) > 0
	}
	if lost {
		s.screen.notice("%s", unsent)
	}
}

// size types the command that tells a Unix machine how large the window is, which a serial line does not carry.
func (s *session) size(ctx context.Context) {
	cols, rows, err := term.GetSize(int(s.tty.Fd()))
	if err != nil {
		s.say("the size of this terminal is not known: " + err.Error())
		return
	}
	s.typed(ctx, fmt.Appendf(nil, "stty rows %d cols %d\r", rows, cols))
}

func (s *session) greeting() string {
	if s.ReadOnly {
		return "console of " + s.Node + ", to look at only; ~. at the start of a line leaves"
	}
	return "console of " + s.Node + "; ~. at the start of a line leaves, ~? tells more"
}

func (s *session) help() {
	for _, line := range []string{
		"at the start of a line:",
		"  ~.  leave the console",
		"  ~a  ask for the keyboard    ~g  give it to who asked, or lay it down    ~k  keep it",
		"  ~w  tell the machine, with stty, how large this window is",
		"  ~~  type a tilde            ~?  this help",
	} {
		s.screen.notice("%s", line)
	}
}
