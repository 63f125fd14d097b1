// The converters are not exported, so their test is inside.

package netswitch

import (
	"reflect"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
)

func TestStatesCrossTheWire(t *testing.T) {
	t.Parallel()
	for name, states := range map[string][]PortState{
		"none":   {},
		"zero":   {{}},
		"port":   {{Port: "e1/1"}},
		"native": {{Native: 4094}},
		"tagged": {{Tagged: []int{1, 2, 4094}}},
		"up":     {{Up: true}},
		"two":    {{Port: "e1/2", Native: 1, Tagged: []int{2}, Up: true}, {Port: "e1/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := statesFromProto(statesToProto(states)); !reflect.DeepEqual(got, states) {
				t.Errorf("%+v became %+v", states, got)
			}
		})
	}
	if got := statesFromProto(nil); len(got) != 0 {
		t.Errorf("nil became %+v", got)
	}
	if got := statesFromProto([]*pb.SwitchPort{nil}); !reflect.DeepEqual(got, []PortState{{}}) {
		t.Errorf("a nil state became %+v", got)
	}
	if got := statesToProto([]PortState{{Port: "\xff"}})[0].GetPort(); got != "\uFFFD" {
		t.Errorf("a port that is no text became %q", got)
	}
}

func TestResultsCrossTheWire(t *testing.T) {
	t.Parallel()
	for name, results := range map[string][]PortResult{
		"none":  {},
		"zero":  {{}},
		"port":  {{Port: "e1/1"}},
		"error": {{Err: &sdk.Error{Code: sdk.Refused, Text: "no", Retryable: true}}},
		"two":   {{Port: "e1/2", Err: &sdk.Error{}}, {Port: "e1/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := resultsFromProto(resultsToProto(results)); !reflect.DeepEqual(got, results) {
				t.Errorf("%+v became %+v", results, got)
			}
		})
	}
	if got := resultsFromProto([]*pb.SwitchPortResult{nil}); !reflect.DeepEqual(got, []PortResult{{}}) {
		t.Errorf("a nil result became %+v", got)
	}
}
