package server_test

import (
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/store/storetest"
)

// relay stands between a server and PostgreSQL, and can be cut.
type relay struct {
	listener net.Listener
	socket   string
	work     sync.WaitGroup

	mu sync.Mutex
	// cut says that connections are refused; open are those there are. Both are guarded by mu.
	cut  bool
	open map[net.Conn]bool
}

// relayed gives the URI of a fresh PostgreSQL database behind a relay, with a password in it, and its direct URI.
func relayed(t *testing.T, password string) (r *relay, uri, direct string) {
	t.Helper()
	direct = storetest.URI(t, storetest.Postgres)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r = &relay{listener: l, socket: filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432"), open: map[net.Conn]bool{}}
	r.work.Go(r.run)
	t.Cleanup(func() {
		_ = l.Close() // it was only listened on
		r.set(true)
		r.work.Wait()
	})
	u.User, u.Host, u.RawQuery = url.UserPassword(u.User.Username(), password), l.Addr().String(), "sslmode=disable"
	return r, u.String(), direct
}

func (r *relay) run() {
	for {
		from, err := r.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("unix", r.socket)
		if err != nil || !r.admit(from, to) {
			_ = from.Close() // refused
			continue
		}
		r.work.Go(func() { r.pump(from, to) })
		r.work.Go(func() { r.pump(to, from) })
	}
}

func (r *relay) admit(ends ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range ends {
		if r.cut {
			_ = c.Close() // refused
			continue
		}
		r.open[c] = true
	}
	return !r.cut
}

func (r *relay) pump(from, to net.Conn) {
	_, _ = io.Copy(to, from) // either end may go at any time
	_, _ = from.Close(), to.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, from)
}

// set cuts all connections and refuses new ones, or lets them through again.
func (r *relay) set(cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = cut
	for c := range r.open {
		if cut {
			_ = c.Close() // as a network does that is cut
		}
	}
}
