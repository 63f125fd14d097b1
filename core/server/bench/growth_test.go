package bench_test

import (
	"fmt"
	"net/http"
	"testing"
)

// sizes are the sites whose costs are compared, the first with each other one.
var sizes = []int{100, 1000, 10_000}

// flat is how much dearer one object, or a node of a list, may be on a larger site: noise, and a deeper index.
const flat = 1.5

// growth compares the cost of one object, and of a node of a list, on sites of different sizes.
func growth(b *testing.B, t *table, kind string) {
	var ours []*client
	for _, nodes := range sizes {
		ours = append(ours, dial(b, newSite(b, kind, nodes).serve(b).URL))
	}
	show, list := request(http.MethodGet, "/v0/node/"+freeNode, ""), request(http.MethodGet, "/v0/nodes/all", "")
	compare(b, t, "GET /v0/node/N, "+kind, "ms", func(b *testing.B, i int) float64 {
		return each(200, func() { ours[i].ask(b, show) })
	})
	compare(b, t, "reserve + release, "+kind, "ms", func(b *testing.B, i int) float64 {
		return each(50, func() { reserveAndRelease(b, ours[i]) })
	})
	compare(b, t, "GET /v0/nodes/all, a node of it, "+kind, "µs", func(b *testing.B, i int) float64 {
		return 1000 * each(10, func() { ours[i].ask(b, list) }) / float64(sizes[i])
	})
}

// compare measures the cost on each site, and takes the smallest site for the bare side.
func compare(b *testing.B, t *table, what, unit string, cost func(*testing.B, int) float64) {
	b.Helper()
	var sides []func(*testing.B) float64
	for i := range sizes {
		sides = append(sides, func(b *testing.B) float64 { return cost(b, i) })
	}
	m := inTurns(b, sides...)
	for i := 1; i < len(sizes); i++ {
		t.add(row{fmt.Sprintf("%s, %d nodes : %d", what, sizes[i], sizes[0]), figure{m[i], unit}, figure{m[0], unit}, ratioAtMost(flat)})
	}
}
