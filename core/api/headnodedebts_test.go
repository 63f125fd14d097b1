package api_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

func TestHeadnodeDebts(t *testing.T) {
	t.Parallel()
	s := newHeadnode(t)
	if r := s.call("GET", "/headnode_debts", ""); r.status != 200 || r.body != "[]\n" {
		t.Errorf("without debts: got %d %q", r.status, r.body)
	}
	h, err := s.store.Headnode(t.Context(), "h1")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.InTx(t.Context(), func(ctx context.Context, q store.Queries) error { return q.OweHeadnode(ctx, h, 0) }); err != nil {
		t.Fatal(err)
	}
	const want = `[{"machine":"MACHINE","host":"","headnode":"h1","project":"p1","networks":[],"since":"TIME","tries":1,"last_error":null,"next_try":"TIME"}]`
	aged := regexp.MustCompile(`"20[^"]+Z"`)
	for _, path := range []string{"/headnode_debts", "/v0/headnode_debts"} {
		r := s.call("GET", path, "")
		if got := strings.ReplaceAll(aged.ReplaceAllString(r.body, `"TIME"`), h.MachineID(), "MACHINE"); r.status != 200 || !equal(t, want, got) {
			t.Errorf("%s: got %d %s", path, r.status, got)
		}
	}
	s.user, s.password = "bob", "bob-secret"
	s.call("GET", "/headnode_debts", "").failure(t, 401, "AuthorizationError")
	s.call("DELETE", "/headnode_debts/"+h.MachineID(), "").failure(t, 401, "AuthorizationError")
	s.user, s.password = "admin", "admin-secret"
	s.must("DELETE", "/headnode_debts/"+h.MachineID(), "")
	s.call("DELETE", "/headnode_debts/"+h.MachineID(), "").failure(t, 404, "NotFoundError")
	if _, err := s.store.HeadnodeDebt(t.Context(), h.MachineID()); core.KindOf(err) != core.NotFound {
		t.Errorf("after it was forgiven: %v", err)
	}
}
