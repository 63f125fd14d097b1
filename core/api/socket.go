package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/coder/websocket"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
)

// maxTyped is how long a message of a console's viewer may be.
const maxTyped = 64 << 10

const socketDescription = "A WebSocket. A binary message to the caller is output of the machine, one from the caller is typed on it. " +
	"Text messages are ConsoleMessage objects. To the caller: `welcome` first; `keyboard` whenever it changes who may type; `lost` where output is " +
	"missing; `refused` if what was typed was not passed on; `end` last. From the caller: `ask` for the keyboard, `give` it to who asked, or " +
	"lay it down, `keep` it and refuse who asked. Typing takes the keyboard if nobody has it. A writer who is asked and neither types nor answers " +
	"for 15 seconds loses it."

// ConsoleMessage is a text message on a console's WebSocket. Each type has members of its own; the others are absent.
type ConsoleMessage struct {
	Type    string  `json:"type" enum:"welcome,keyboard,lost,refused,end,ask,give,keep" doc:"What is said."`
	You     *string `json:"you,omitempty" doc:"welcome: what others call the caller." example:"ann"`
	Session *string `json:"session,omitempty" doc:"welcome: names what is remembered of the console, for resuming."`
	At      *int64  `json:"at,omitempty" doc:"welcome: the position of the next byte of output. The length of each binary message and the bytes of each lost are to be added to it."`
	Writer  *string `json:"writer,omitempty" doc:"keyboard: who may type; empty if nobody does."`
	Mine    *bool   `json:"mine,omitempty" doc:"keyboard: whether that is the caller."`
	AskedBy *string `json:"asked_by,omitempty" doc:"keyboard: who asks for it; empty if nobody does."`
	Bytes   *int64  `json:"bytes,omitempty" doc:"lost: how many bytes of output are missing; 0 if nobody knows."`
	Reason  *string `json:"reason,omitempty" doc:"refused, end: why."`
	Retry   *bool   `json:"retry,omitempty" doc:"end: whether connecting again may work."`
}

// documentSocket tells the document what a console's WebSocket is, which it has no words for, and what is said on it.
func (s *server) documentSocket(path string) {
	doc := s.api.OpenAPI()
	op := doc.Paths[path].Get
	op.Responses["101"] = &huma.Response{Description: "The connection is a WebSocket now; its text messages are ConsoleMessage objects."}
	op.Responses["200"] = &huma.Response{
		Description: "Never sent. It stands here for the messages' schema, which OpenAPI has no other place for.",
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: doc.Components.Schemas.Schema(reflect.TypeFor[ConsoleMessage](), true, "")},
		},
	}
}

// Socket is what a request has that opens a WebSocket.
type Socket struct {
	Upgrade string `header:"Upgrade" doc:"websocket" example:"websocket"`
}

// check refuses other requests; instead says what their callers may want.
func (s Socket) check(instead string) error {
	if isSocket(s.Upgrade) {
		return nil
	}
	return core.FieldErrorf(core.Validation, "header.Upgrade", "must be \"websocket\"; connect with a WebSocket client, or %s", instead)
}

func isSocket(upgrade string) bool { return strings.EqualFold(upgrade, "websocket") }

// accept makes a request a WebSocket; if it cannot be one, the caller has been told.
func accept(ctx huma.Context, subprotocols ...string) (*http.Request, *websocket.Conn, error) {
	r, w := humago.Unwrap(ctx)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // the front has refused other sites
		CompressionMode:    websocket.CompressionDisabled,
		Subprotocols:       subprotocols,
	})
	return r, conn, err
}

// converse carries a console over a WebSocket until either end leaves.
func converse(ctx huma.Context, viewer *console.Viewer) {
	defer func() { _ = viewer.Close() }() // it never fails
	r, conn, err := accept(ctx)
	if err != nil {
		return // the caller has been told
	}
	c := &conversation{conn: conn, viewer: viewer}
	c.run(r.Context())
}

// conversation is one viewer's WebSocket.
type conversation struct {
	conn   *websocket.Conn
	viewer *console.Viewer
}

// run ends when the viewer does, whom listening closes when the caller leaves.
func (c *conversation) run(ctx context.Context) {
	defer func() { _ = c.conn.CloseNow() }() // it is closed already, or the caller is gone
	c.conn.SetReadLimit(maxTyped)
	ctx, stop := context.WithCancel(ctx)
	var listening sync.WaitGroup
	defer listening.Wait()
	defer stop()
	listening.Go(func() { c.listen(ctx) })
	if c.tell(ctx) {
		_ = c.conn.Close(websocket.StatusNormalClosure, "") // the caller may be gone
	}
}

// tell tells the caller what happens; true if the console ended, false if the caller left.
func (c *conversation) tell(ctx context.Context) bool {
	welcome := ConsoleMessage{Type: "welcome", You: new(c.viewer.Name()), Session: new(c.viewer.Session()), At: new(c.viewer.At())}
	for err := c.say(ctx, welcome); err == nil; {
		var e console.Event
		if e, err = c.viewer.Next(); err != nil {
			end := c.viewer.End()
			return c.say(ctx, ConsoleMessage{Type: "end", Reason: &end.Reason, Retry: &end.Retry}) == nil
		}
		err = c.pass(ctx, e)
	}
	return false
}

// pass passes an event on.
func (c *conversation) pass(ctx context.Context, e console.Event) error {
	switch {
	case e.Keyboard != nil:
		k := e.Keyboard
		return c.say(ctx, ConsoleMessage{Type: "keyboard", Writer: &k.Writer, Mine: &k.Mine, AskedBy: &k.AskedBy})
	case e.Lost != nil:
		return c.say(ctx, ConsoleMessage{Type: "lost", Bytes: e.Lost})
	default:
		return c.send(ctx, websocket.MessageBinary, e.Output)
	}
}

func (c *conversation) say(ctx context.Context, m ConsoleMessage) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return c.send(ctx, websocket.MessageText, text)
}

func (c *conversation) send(ctx context.Context, kind websocket.MessageType, p []byte) error {
	ctx, cancel := context.WithTimeout(ctx, viewerTimeout)
	defer cancel()
	return c.conn.Write(ctx, kind, p)
}

// listen does what the caller says, until the caller leaves or ctx ends. Then it closes the viewer.
func (c *conversation) listen(ctx context.Context) {
	defer func() { _ = c.viewer.Close() }() // it never fails
	for {
		kind, p, err := c.conn.Read(ctx)
		if err != nil {
			return
		}
		if kind == websocket.MessageBinary {
			err = c.viewer.Type(ctx, p)
		} else {
			err = c.obey(p)
		}
		if err != nil && c.say(ctx, ConsoleMessage{Type: "refused", Reason: new(modelText(err))}) != nil {
			return
		}
	}
}

// obey does what a text message says.
func (c *conversation) obey(text []byte) error {
	var m ConsoleMessage
	if err := json.Unmarshal(text, &m); err != nil {
		return errNoMessage
	}
	switch m.Type {
	case "ask":
		c.viewer.Ask()
	case "give":
		c.viewer.Give()
	case "keep":
		c.viewer.Keep()
	default:
		return errNoMessage
	}
	return nil
}

// errNoMessage is the answer to a text message that says nothing.
var errNoMessage = newModel(http.StatusBadRequest, `a text message must be {"type": "ask"}, {"type": "give"} or {"type": "keep"}; what is typed goes in binary messages`)
