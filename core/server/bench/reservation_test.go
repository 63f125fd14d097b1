package bench_test

import (
	"net/http"
	"testing"
)

// Requests that reserve and release freeNode.
var (
	reserve = request(http.MethodPost, reservePath, reserveBody)
	release = request(http.MethodPost, releasePath, reserveBody)

	reserveBody = `{"node": "` + freeNode + `"}`
)

const (
	reservePath = "/v0/project/" + project + "/connect_node"
	releasePath = "/v0/project/" + project + "/detach_node"
)

// reservation compares reserving and releasing a node with the transactions behind it.
func reservation(b *testing.B, t *table, kind string) {
	const times = 100
	s := newSite(b, kind, 1000)
	studio := newStudio(s)
	reserved := studio.record(b, http.MethodPost, reservePath, reserveBody)
	released := studio.record(b, http.MethodPost, releasePath, reserveBody)
	ours := dial(b, s.serve(b).URL)
	m := inTurns(b,
		func(b *testing.B) float64 { return each(times, func() { reserveAndRelease(b, ours) }) },
		func(b *testing.B) float64 {
			return each(times, func() {
				must(b, reserved.replay(b.Context(), s.db.DB))
				must(b, released.replay(b.Context(), s.db.DB))
			})
		})
	t.add(row{"reserve + release, 1000 nodes, " + kind, figure{m[0], "ms"}, figure{m[1], "ms"}, ratioAtMost(2)})
}

func reserveAndRelease(b *testing.B, c *client) {
	b.Helper()
	c.ask(b, reserve)
	c.ask(b, release)
}
