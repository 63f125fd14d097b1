package bench_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// clients is how many connections make requests at once.
	clients = 4
	// turn is how long they do so at a time.
	turn = 500 * time.Millisecond
)

// client is a connection that is kept alive. It costs next to nothing itself: what is measured is the server.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(b *testing.B, url string) *client {
	b.Helper()
	c := get(open(url))(b)
	b.Cleanup(func() { _ = c.conn.Close() }) // nothing is lost
	return c
}

func open(url string) (*client, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	return &client{conn, bufio.NewReader(conn)}, err
}

// request is an HTTP request, as it goes over the wire, of the administrator.
func request(method, path, body string) string {
	r, _ := http.NewRequest(method, "http://haas"+path, strings.NewReader(body)) // fails for bad methods and paths only
	r.SetBasicAuth(admin, password)
	var text strings.Builder
	_ = r.Write(&text) // a Builder takes everything
	return text.String()
}

// do makes a request and reads the whole answer.
func (c *client) do(request string) (string, error) {
	if _, err := io.WriteString(c.conn, request); err != nil {
		return "", err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s", res.Status, body)
	}
	return string(body), err
}

// ask is do for an answer that must be there.
func (c *client) ask(b *testing.B, request string) string {
	b.Helper()
	return get(c.do(request))(b)
}

// crowd is clients of one server.
type crowd []*client

func gather(b *testing.B, url string) crowd {
	b.Helper()
	var all crowd
	for range clients {
		all = append(all, dial(b, url))
	}
	return all
}

// rate is how many of the requests, one after the other and again from the start, are answered in a second.
func (c crowd) rate(b *testing.B, requests []string) float64 {
	b.Helper()
	var answered atomic.Int64
	var failure atomic.Value
	var asking sync.WaitGroup
	began := time.Now()
	for first, one := range c {
		asking.Go(func() {
			for i := first; time.Since(began) < turn; i++ {
				if _, err := one.do(requests[i%len(requests)]); err != nil {
					failure.Store(err)
					return
				}
				answered.Add(1)
			}
		})
	}
	asking.Wait()
	if err, failed := failure.Load().(error); failed {
		b.Fatal(err)
	}
	return float64(answered.Load()) / time.Since(began).Seconds()
}
