package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/api"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/power"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/obm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is a server with an empty database, and somebody who calls it.
type site struct {
	tb      testing.TB
	store   *store.Store
	handler http.Handler
	url     string
	// user and password are sent with every call; nothing is, if user is empty.
	user, password string
	log            *transcript
	// powers asks nobody unless the test runs it.
	powers *power.Sweeper
	// device answers questions to switches.
	device *fakeDevice
}

// newSite is a server that knows the administrator "admin" with the password "admin-secret".
func newSite(tb testing.TB) *site {
	tb.Helper()
	s := &site{tb: tb, store: newStore(tb), user: "admin", password: "admin-secret", log: &transcript{}, device: &fakeDevice{}}
	log := hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, Output: s.log})
	found := drivers.Static{Switches: []netswitch.Driver{fakeSwitch{}}, OBMs: []obm.Driver{fakeOBM{}}, Headnodes: []headnode.Driver{fakeHost{}}}
	host := service.HeadnodeConfig{Type: hostType, Settings: "{}", Images: []string{"img1"}}
	consoles := console.New(console.Config{Store: s.store, Open: service.ConsoleOpener(found),
		OpenHeadnode: service.HeadnodeConsoleOpener(found, host), Log: log, Dir: tb.TempDir(), LogSize: 1 << 20})
	screens := console.NewScreens()
	tb.Cleanup(screens.Shutdown)
	tb.Cleanup(func() { consoles.Shutdown() })
	s.powers = power.New(power.Config{Store: s.store, Ask: service.AskPower(found, log), Log: log, Rate: 1000, Deadline: time.Minute})
	s.handler = api.New(api.Config{
		Service: service.New(service.Config{
			Store: s.store, Drivers: found, Wake: func() {}, Ask: s.device.ask, Notify: func() {}, Consoles: consoles, Screens: screens, Headnodes: host,
			Debts:  service.NewDebts(service.DebtsConfig{Store: s.store, Drivers: found, Headnodes: host, Log: log}),
			Powers: s.powers, Pool: pool{100, 101}, Log: log, Accounts: true,
		}),
		Auth: auth.NewDatabase(s.store, true), Drivers: found, Log: log, Version: "test",
	})
	server := httptest.NewServer(s.handler)
	tb.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// adminHash is worked out once: that takes its time, as it should.
var adminHash = sync.OnceValues(func() (string, error) { return auth.HashPassword("admin-secret") })

func newStore(tb testing.TB) *store.Store {
	tb.Helper()
	db, err := store.Open("sqlite:///" + filepath.Join(tb.TempDir(), "haas.db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	if err := db.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	hash, err := adminHash()
	if err != nil {
		tb.Fatal(err)
	}
	if err := db.CreateUser(tb.Context(), core.User{Label: "admin", IsAdmin: true, PasswordHash: hash}); err != nil {
		tb.Fatal(err)
	}
	return db
}

// reply is an answer, read to its end.
type reply struct {
	status int
	body   string
	header http.Header
}

// call makes a request with curl's Content-Type. Path is sent as it is written.
func (s *site) call(method, path, body string) reply {
	s.tb.Helper()
	return s.do(method, path, strings.NewReader(body), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}

func (s *site) do(method, path string, body io.Reader, header http.Header) reply {
	s.tb.Helper()
	r, err := http.NewRequestWithContext(s.tb.Context(), method, s.url, body)
	if err != nil {
		s.tb.Fatal(err)
	}
	before, query, _ := strings.Cut(path, "?")
	r.URL.Opaque, r.URL.RawQuery = "//"+r.URL.Host+before, query
	r.Header = header.Clone()
	if s.user != "" {
		r.SetBasicAuth(s.user, s.password)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.tb.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.tb.Fatal(err)
	}
	return reply{resp.StatusCode, string(text), resp.Header}
}

// must is call for what prepares a test.
func (s *site) must(method, path, body string) {
	s.tb.Helper()
	if r := s.call(method, path, body); r.status != http.StatusOK {
		s.tb.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
	}
}

// failure checks that an answer is an error that clients of both eras understand, and returns it.
func (r reply) failure(tb testing.TB, status int, name string) api.ErrorModel {
	tb.Helper()
	var e api.ErrorModel
	if err := json.Unmarshal([]byte(r.body), &e); err != nil {
		tb.Fatalf("want an error with status %d, got %d %q", status, r.status, r.body)
	}
	if r.status != status || e.Status != status || e.Type != name {
		tb.Errorf("want %d %s, got %d %s", status, name, r.status, r.body)
	}
	if e.Msg == "" || e.Msg != e.Detail || e.Title != http.StatusText(status) {
		tb.Errorf("incomplete error: %s", r.body)
	}
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		tb.Errorf("Content-Type is %q", got)
	}
	return e
}

const (
	switchType = "http://schema.massopencloud.org/haas/v0/switches/mock"
	obmType    = "http://schema.massopencloud.org/haas/v0/obm/mock"
	hostType   = "http://schema.massopencloud.org/haas/v0/headnodes/mock"
	nodeBody   = `{"obm": {"type": "` + obmType + `", "host": "h", "user": "u", "password": "p"}}`
	switchBody = `{"type": "` + switchType + `", "hostname": "h", "username": "u", "password": "p"}`
)

type pool []int

func (p pool) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, v := range p {
			if !yield(v) {
				return
			}
		}
	}
}

// transcript is a log that can be read while it is written.
type transcript struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *transcript) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
