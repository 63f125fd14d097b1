package core_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core"
)

func TestKindOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want core.Kind
	}{
		"nil":     {nil, core.Internal},
		"foreign": {errors.New("x"), core.Internal},
		"own":     {core.Errorf(core.Blocked, "x"), core.Blocked},
		"wrapped": {fmt.Errorf("a: %w", core.Missing("node", "n1")), core.NotFound},
		"joined":  {errors.Join(errors.New("x"), core.Errorf(core.Refused, "y")), core.Refused},
	} {
		if got := core.KindOf(c.err); got != c.want {
			t.Errorf("%s: kind %d, want %d", name, got, c.want)
		}
	}
}

func TestErrorNamesTheField(t *testing.T) {
	t.Parallel()
	if got := core.FieldErrorf(core.BadArgument, "net_id", "must be %d", 1).Error(); got != "net_id: must be 1" {
		t.Errorf("got %q", got)
	}
}

func TestSettingsDoNotPrintThemselves(t *testing.T) {
	t.Parallel()
	n := core.Node{Label: "n1", OBMSettings: `{"password":"hunter2"}`}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, n); strings.Contains(text, "hunter2") {
			t.Errorf("%s prints %s", format, text)
		}
	}
}

func TestCheckChannel(t *testing.T) {
	t.Parallel()
	n := core.Network{Label: "w1", VLAN: 101}
	for channel, want := range map[string]bool{
		"vlan/native": true, "vlan/101": true, "vlan/102": false, "vlan/0101": false, "": false, "null": false, "vlan/*": false,
	} {
		if err := n.CheckChannel(channel); (err == nil) != want {
			t.Errorf("%q: %v", channel, err)
		}
	}
}

func TestPortSettled(t *testing.T) {
	t.Parallel()
	if !(core.Port{}).Settled() || (core.Port{WantedGen: 2, SeenGen: 1}).Settled() || !(core.Port{WantedGen: 2, SeenGen: 2}).Settled() {
		t.Error("a port is settled when the last wanted generation was seen")
	}
}
