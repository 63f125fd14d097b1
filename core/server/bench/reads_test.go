package bench_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// reads compares the rate of reads with that of handlers that run the same statements and encode the same answer, but
// do nothing else.
func reads(b *testing.B, t *table, kind string) {
	s := newSite(b, kind, 1000)
	haas := s.serve(b)
	studio := newStudio(s)
	t.add(read[[]string](b, "GET /v0/nodes/free, 1000 nodes, "+kind, haas.URL, s.db.DB, studio, "/v0/nodes/", []string{"free"}))
	var names []string
	for i := range s.nodes {
		names = append(names, nodeLabel(i))
	}
	t.add(read[bareNode](b, "GET /v0/node/N, 1000 nodes, "+kind, haas.URL, s.db.DB, studio, "/v0/node/", names))
}

// bareNode is the answer of node-show, in the bare handler's words.
type bareNode struct {
	Name     string            `json:"name"`
	Project  *string           `json:"project"`
	NICs     []bareNIC         `json:"nics"`
	Metadata map[string]string `json:"metadata"`
}

type bareNIC struct {
	Label    string            `json:"label"`
	MACAddr  string            `json:"macaddr"`
	Networks map[string]string `json:"networks"`
	Port     *string           `json:"port"`
	Switch   *string           `json:"switch"`
}

func read[T any](b *testing.B, what, haas string, db *sql.DB, st *studio, prefix string, names []string) row {
	b.Helper()
	pages := map[string]page[T]{}
	var requests []string
	for _, name := range names {
		pages[name] = newPage[T](b, st.record(b, http.MethodGet, prefix+name, ""))
		requests = append(requests, request(http.MethodGet, prefix+name, ""))
	}
	ours, bare := gather(b, haas), gather(b, serveBare(b, db, prefix, pages))
	if got, want := bare[0].ask(b, requests[0]), ours[0].ask(b, requests[0]); got != want {
		b.Fatalf("the bare handler answers\n%s\nHaaS answers\n%s", got, want)
	}
	m := inTurns(b,
		func(b *testing.B) float64 { return ours.rate(b, requests) },
		func(b *testing.B) float64 { return bare.rate(b, requests) })
	return row{what, figure{m[0], "req/s"}, figure{m[1], "req/s"}, ratioAtLeast(0.5)}
}

// page is an answer with the statements behind it.
type page[T any] struct {
	recording
	answer T
}

func newPage[T any](b *testing.B, r recording) page[T] {
	b.Helper()
	p := page[T]{recording: r}
	must(b, json.Unmarshal([]byte(r.body), &p.answer))
	return p
}

// serveBare serves pages with nothing but Huma and database/sql, and gives the address.
func serveBare[T any](b *testing.B, db *sql.DB, prefix string, pages map[string]page[T]) string {
	b.Helper()
	config := huma.DefaultConfig("bare", "1")
	config.CreateHooks = nil
	mux := http.NewServeMux()
	huma.Register(humago.New(mux, config), huma.Operation{OperationID: "bare", Method: http.MethodGet, Path: prefix + "{name}"},
		func(ctx context.Context, in *struct {
			Name string `path:"name"`
		}) (*struct{ Body T }, error) {
			p, known := pages[in.Name]
			if !known {
				return nil, huma.Error404NotFound(fmt.Sprint("no ", in.Name))
			}
			return &struct{ Body T }{p.answer}, p.replay(ctx, db)
		})
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	return server.URL
}
