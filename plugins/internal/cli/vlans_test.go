package cli_test

import (
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestParseVLANs(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"1": "1", "1,5-9, 100": "1,5-9,100", "4094": "4094", "1-4094": "1-4094", "3,2,1": "1-3", "5-5": "5", "10,10": "10",
	} {
		if got, err := cli.ParseVLANs(list); err != nil || got.String() != want {
			t.Errorf("%q: %q, %v", list, got, err)
		}
	}
	for _, list := range []string{"", ",", "1,", "0", "4095", "9-5", "1-", "-1", "+1", "a", "1 2", "1-2-3", "none", "1;2"} {
		if got, err := cli.ParseVLANs(list); err == nil {
			t.Errorf("%q is read as %q", list, got)
		}
	}
}

func TestVLANs(t *testing.T) {
	t.Parallel()
	v := cli.VLANsOf(0, 5, 64, 63, 4094)
	if !slices.Equal(v.IDs(), []int{5, 63, 64, 4094}) || !v.Has(64) || v.Has(0) || v.Has(-1) || v.Has(5000) {
		t.Errorf("%v", v.IDs())
	}
	if w := v.Minus(cli.VLANsOf(5, 6)).Plus(cli.VLANsOf(1)); w.String() != "1,63-64,4094" {
		t.Error(w)
	}
	if (cli.VLANs{}).String() != "" || (cli.VLANs{}).Lists(10) != nil || !(cli.VLANs{}).Empty() {
		t.Error("no VLAN is one")
	}
	if got := cli.VLANsOf(1, 3, 5, 6, 7, 100).Lists(5); !slices.Equal(got, []string{"1,3", "5-7", "100"}) {
		t.Errorf("%q", got)
	}
	if got := cli.AllVLANs().String(); got != "1-4094" {
		t.Error(got)
	}
}

func TestPortState(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		port   cli.Port
		native int
		tagged []int
	}{
		"access":                      {cli.Port{Mode: cli.Access, Access: 5, Native: 9, Allowed: cli.VLANsOf(9)}, 5, nil},
		"trunk":                       {cli.Port{Mode: cli.Trunk, Access: 1, Native: 5, Allowed: cli.VLANsOf(5, 6)}, 5, []int{6}},
		"native that is not allowed":  {cli.Port{Mode: cli.Trunk, Native: 5, Allowed: cli.VLANsOf(6)}, 0, []int{6}},
		"trunk without native":        {cli.Port{Mode: cli.Trunk, Allowed: cli.VLANsOf(6)}, 0, []int{6}},
		"something else that carries": {cli.Port{Mode: cli.OtherMode, Native: 5, Allowed: cli.VLANsOf(5)}, 5, []int{netswitch.Unknown}},
	} {
		s := c.port.State()
		if s.Native != c.native || !slices.Equal(s.Tagged, c.tagged) || !s.Up {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if (cli.Port{Shut: true}).State().Up {
		t.Error("a shut port is up")
	}
}

func FuzzParseVLANs(f *testing.F) {
	f.Add("1,5-9, 100", 20)
	f.Add("1-4094", 5)
	f.Fuzz(func(t *testing.T, list string, limit int) {
		v, err := cli.ParseVLANs(list)
		if err != nil {
			return
		}
		if v.Empty() {
			t.Fatalf("%q is no VLAN at all", list)
		}
		again, err := cli.ParseVLANs(v.String())
		if err != nil || again != v {
			t.Fatalf("%q became %q became %q, %v", list, v, again, err)
		}
		var whole cli.VLANs
		limit = max(9, limit%200)
		for _, part := range v.Lists(limit) {
			some, err := cli.ParseVLANs(part)
			if err != nil || len(part) > limit {
				t.Fatalf("part %q of %q, %v", part, list, err)
			}
			whole = whole.Plus(some)
		}
		if whole != v {
			t.Fatalf("the parts of %q are %q", v, whole)
		}
	})
}
