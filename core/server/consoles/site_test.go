package consoles_test

import (
	"context"
	"encoding/json"
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

// site is a running server with projects p1, of ann, and p2, of bob. Its node n1 belongs to p1.
type site struct {
	*servertest.Server
	root, ann, bob servertest.Client
	controller     *bmctest.Controller
}

// newSite puts a machine behind the controller of n1.
func newSite(t *testing.T, m bmctest.Machine) *site {
	t.Helper()
	home := servertest.NewSite(t, "", nil)
	home.CreateAdmin(t, "root", "secret")
	return populate(t, home.Start(t), m)
}

// populate makes the site's users, projects and node on a server.
func populate(t *testing.T, server *servertest.Server, m bmctest.Machine) *site {
	t.Helper()
	controller, err := bmctest.Listen("127.0.0.1:0", bmctest.Options{Users: []bmctest.User{{Name: "admin", Password: bmcPassword}}, Machine: m})
	must(t, err)
	t.Cleanup(func() { _ = controller.Close() })
	s := &site{controller: controller}
	s.at(server)
	for user, project := range map[string]string{"ann": "p1", "bob": "p2"} {
		s.root.OK(t, "PUT", "/v0/auth/basic/user/"+user, fmt.Sprintf(`{"password": "%s-secret"}`, user))
		s.root.OK(t, "PUT", "/v0/project/"+project, "")
		s.root.OK(t, "POST", "/v0/auth/basic/user/"+user+"/add_project", fmt.Sprintf(`{"project": %q}`, project))
	}
	s.root.OK(t, "PUT", "/v0/node/n1", fmt.Sprintf(
		`{"obm": {"type": %q, "host": "127.0.0.1", "port": %d, "user": "admin", "password": %q}}`,
		servertest.OBMIPMILAN, controller.Address().Port, bmcPassword))
	s.ann.OK(t, "POST", "/v0/project/p1/connect_node", `{"node": "n1"}`)
	return s
}

// at makes the site's users speak to a server.
func (s *site) at(server *servertest.Server) {
	s.Server = server
	s.root, s.ann, s.bob = server.As("root", "secret"), server.As("ann", "ann-secret"), server.As("bob", "bob-secret")
}

// screen is what a viewer of the console has seen so far.
type screen struct {
	mu sync.Mutex
	// text, ended and why are guarded by mu.
	text  strings.Builder
	ended bool
	why   string
}

// watch reads the console until the test ends.
func (s *site) watch(t *testing.T) *screen {
	t.Helper()
	stream, v := s.ann.Open(t, "/v0/node/n1/console"), &screen{}
	var reading sync.WaitGroup
	reading.Go(func() {
		_, _ = io.Copy(v, stream) // it ends with the console or the test
		v.ends("")
	})
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

// ends notes that no more will come, and why if that was said.
func (v *screen) ends(why string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
	if v.why == "" {
		v.why = why
	}
}

// hasEnded waits until no more will come, and says why.
func (v *screen) hasEnded(t *testing.T) (why string) {
	t.Helper()
	servertest.Eventually(t, "the console ends", func() (bool, any) {
		v.mu.Lock()
		defer v.mu.Unlock()
		why = v.why
		return v.ended, "still open"
	})
	return why
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

// join opens a WebSocket to the console as ann until the test ends.
func (s *site) join(t *testing.T) *terminal {
	t.Helper()
	v, err := s.tryJoin(t, "ann", "")
	must(t, err)
	return v
}

// tryJoin is join as somebody, with a query, for those who may be refused.
func (s *site) tryJoin(t *testing.T, user, query string) (*terminal, error) {
	t.Helper()
	conn, err := dialConsole(t.Context(), s.URL, user, query)
	if err != nil {
		return nil, err
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
	return v, nil
}

// dialConsole opens a WebSocket to the console of n1.
func dialConsole(ctx context.Context, url, user, query string) (*websocket.Conn, error) {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, user+"-secret")
	conn, res, err := websocket.Dial(ctx, url+"/v0/node/n1/console/ws"+query, &websocket.DialOptions{HTTPHeader: r.Header})
	if res != nil && res.Body != nil {
		_ = res.Body.Close() // it was only read
	}
	return conn, err
}

func (v *terminal) read(ctx context.Context) {
	defer v.ends("")
	for {
		kind, text, err := v.socket.Read(ctx)
		if err != nil {
			return
		}
		if kind == websocket.MessageBinary {
			_, _ = v.Write(text) // a Builder takes everything
			continue
		}
		var m struct{ Type, Reason string }
		if json.Unmarshal(text, &m) == nil && m.Type == "end" {
			v.ends(m.Reason)
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
