package wire_test

import (
	"reflect"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

func TestTargetsCrossTheWire(t *testing.T) {
	t.Parallel()
	for _, target := range []sdk.Target{
		{},
		{Name: "sw-1"},
		{Type: "http://example.com/type"},
		{Settings: sdk.Settings(`{"a":1}`)},
		{Name: "sw-1", Type: "http://example.com/type", Settings: sdk.Settings(`{"a":1}`)},
	} {
		if got := wire.TargetFromProto(wire.TargetToProto(target)); !reflect.DeepEqual(got, target) {
			t.Errorf("%+v became %+v", target, got)
		}
	}
	if got := wire.TargetFromProto(nil); !reflect.DeepEqual(got, sdk.Target{}) {
		t.Errorf("nil became %+v", got)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	got := wire.CleanAll([]string{"", "Zürich", "a\xffb"})
	if want := []string{"", "Zürich", "a\uFFFDb"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
