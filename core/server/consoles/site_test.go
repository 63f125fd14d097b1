package consoles_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

// bmcPassword opens the simulated controllers.
const bmcPassword = "Bmc-secret-62"

// site is a running server whose node n1 belongs to the project p1, of ann.
type site struct {
	*servertest.Server
	ann servertest.Client
}

// newSite puts a machine behind the controller of n1.
func newSite(t *testing.T, m bmctest.Machine) *site {
	t.Helper()
	controller, err := bmctest.Listen("127.0.0.1:0", bmctest.Options{Users: []bmctest.User{{Name: "admin", Password: bmcPassword}}, Machine: m})
	must(t, err)
	t.Cleanup(func() { _ = controller.Close() })
	home := servertest.NewSite(t, "", nil)
	home.CreateAdmin(t, "root", "secret")
	s := &site{Server: home.Start(t)}
	s.ann = s.As("ann", "ann-secret")
	root := s.As("root", "secret")
	root.OK(t, "PUT", "/v0/auth/basic/user/ann", `{"password": "ann-secret"}`)
	root.OK(t, "PUT", "/v0/project/p1", "")
	root.OK(t, "POST", "/v0/auth/basic/user/ann/add_project", `{"project": "p1"}`)
	root.OK(t, "PUT", "/v0/node/n1", fmt.Sprintf(
		`{"obm": {"type": %q, "host": "127.0.0.1", "port": %d, "user": "admin", "password": %q}}`,
		servertest.OBMIPMILAN, controller.Address().Port, bmcPassword))
	root.OK(t, "POST", "/v0/project/p1/connect_node", `{"node": "n1"}`)
	return s
}

// screen is what a viewer of the console has seen so far.
type screen struct {
	mu   sync.Mutex
	text strings.Builder // guarded by mu
}

// watch reads the console until the test ends.
func (s *site) watch(t *testing.T) *screen {
	t.Helper()
	stream, v := s.ann.Open(t, "/v0/node/n1/console"), &screen{}
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = io.Copy(v, stream) }) // it ends with the test
	t.Cleanup(func() {
		_ = stream.Close() // it was only read
		reading.Wait()
	})
	return v
}

func (v *screen) Write(b []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.text.Write(b)
}

func (v *screen) String() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.text.String()
}

// shows waits until the text has come.
func (v *screen) shows(t *testing.T, text string) {
	t.Helper()
	servertest.Eventually(t, "the console shows "+text, func() (bool, any) {
		seen := v.String()
		return strings.Contains(seen, text), seen
	})
}

// terminal is a viewer who may type.
type terminal struct {
	screen
	socket *websocket.Conn
}

// join opens a WebSocket to the console until the test ends.
func (s *site) join(t *testing.T) *terminal {
	t.Helper()
	login := base64.StdEncoding.EncodeToString([]byte("ann:ann-secret"))
	conn, res, err := websocket.Dial(t.Context(), s.URL+"/v0/node/n1/console/ws", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Basic " + login}},
	})
	must(t, err)
	if res.Body != nil {
		defer func() { _ = res.Body.Close() }() // it is empty
	}
	v := &terminal{socket: conn}
	ctx, leave := context.WithCancel(context.WithoutCancel(t.Context()))
	var reading sync.WaitGroup
	reading.Go(func() { v.read(ctx) })
	t.Cleanup(func() {
		_ = conn.Close(websocket.StatusNormalClosure, "") // the server may have ended it
		leave()
		reading.Wait()
	})
	return v
}

func (v *terminal) read(ctx context.Context) {
	for {
		kind, text, err := v.socket.Read(ctx)
		if err != nil {
			return
		}
		if kind == websocket.MessageBinary {
			_, _ = v.Write(text) // a Builder takes everything
		}
	}
}

// types sends keys.
func (v *terminal) types(t *testing.T, keys string) {
	t.Helper()
	must(t, v.socket.Write(t.Context(), websocket.MessageBinary, []byte(keys)))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
