// A program cannot be imported, so its tests are inside.

package main

import (
	"errors"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
)

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for settings, field := range map[string]string{
		`{}`:                                                       "ovs_bridge",
		`{"ovs_bridge":""}`:                                        "ovs_bridge",
		`{"ovs_bridge":"br0;reload"}`:                              "ovs_bridge",
		`{"ovs_bridge":"-x"}`:                                      "ovs_bridge",
		`{"ovs_bridge":5}`:                                         "ovs_bridge",
		`{"ovs_bridge":"b","x":1}`:                                 "x",
		`{"ovs_bridge":"b","ovsdb":""}`:                            "ovsdb",
		`{"ovs_bridge":"b","ovsdb":"unix:db.sock"}`:                "ovsdb",
		`{"ovs_bridge":"b","ovsdb":"tcp:192.0.2.1"}`:               "ovsdb",
		`{"ovs_bridge":"b","ovsdb":"tcp:192.0.2.1:0"}`:             "ovsdb",
		`{"ovs_bridge":"b","ovsdb":"http://h:1"}`:                  "ovsdb",
		`{"ovs_bridge":"b","ovsdb":"ssl:192.0.2.1:6640"}`:          "ca_certificate",
		`{"ovs_bridge":"b","ovsdb":"tcp:192.0.2.1:6640"}`:          "",
		`{"ovs_bridge":"b","ovsdb":"tcp:[2001:db8::1]:6640"}`:      "",
		`{"ovs_bridge":"b","ovsdb":"unix:/var/run/ovs/a.sock"}`:    "",
		`{"ovs_bridge":"br-int.1"}`:                                "",
		`{"ovs_bridge":"b","ovsdb":"tcp:switch.example.org:6640"}`: "",
	} {
		err := (&driver{}).ValidateTarget(t.Context(), sdk.Target{Settings: sdk.Settings(settings)})
		if field == "" {
			if err != nil {
				t.Errorf("%s: %v", settings, err)
			}
			continue
		}
		e, ok := errors.AsType[*sdk.Error](err)
		if !ok || e.Code != sdk.Invalid || len(e.Fields) == 0 || e.Fields[0].Field != field {
			t.Errorf("%s: %v, want a complaint about %s", settings, err, field)
		}
	}
}

func TestTheBridgeIsNoPort(t *testing.T) {
	t.Parallel()
	bridge := sdk.Target{Settings: sdk.Settings(`{"ovs_bridge":"br0"}`)}
	for _, port := range []string{"br0", "", "a b", "a/b", "-a"} {
		if _, err := (&driver{}).ValidatePort(t.Context(), bridge, port); sdk.CodeOf(err) != sdk.Invalid {
			t.Errorf("%q: %v", port, err)
		}
	}
}
