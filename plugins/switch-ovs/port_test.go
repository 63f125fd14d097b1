// A program cannot be imported, so its tests are inside.

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func up(port string, native int, tagged ...int) netswitch.PortState {
	return netswitch.PortState{Port: port, Native: native, Tagged: tagged, Up: true}
}

// from is some consecutive VLANs.
func from(first, last int, without ...int) []int {
	var vlans []int
	for v := first; v <= last; v++ {
		if len(without) == 0 || v != without[0] {
			vlans = append(vlans, v)
		}
	}
	return vlans
}

// TestStateIsWhatOpenVSwitchCarries goes through what people leave in the columns, as ovs-vswitchd.conf.db(5) explains it.
func TestStateIsWhatOpenVSwitchCarries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		columns string
		want    netswitch.PortState
	}{
		"nothing set is a trunk of everything": {`{}`, up("p", 0, from(0, 4095)...)},
		"a tag makes an access port":           {`{"tag":5}`, up("p", 5)},
		"a tag wins over trunks":               {`{"tag":5,"trunks":["set",[6,7]]}`, up("p", 5)},
		"trunks make a trunk":                  {`{"trunks":["set",[6,7]]}`, up("p", 0, 6, 7)},
		"a trunk's tag is idle":                {`{"vlan_mode":"trunk","tag":5,"trunks":6}`, up("p", 0, 6)},
		"an access port without tag is on 0":   {`{"vlan_mode":"access"}`, up("p", 0, 0)},
		"an access port's trunks are idle":     {`{"vlan_mode":"access","tag":5,"trunks":6}`, up("p", 5)},
		"VLAN 0 on a trunk is told":            {`{"vlan_mode":"trunk","trunks":["set",[0,6]]}`, up("p", 0, 0, 6)},
		"native and tagged":                    {`{"vlan_mode":"native-untagged","tag":5,"trunks":["set",[6,7]]}`, up("p", 5, 6, 7)},
		"native among the trunks":              {`{"vlan_mode":"native-untagged","tag":5,"trunks":["set",[0,5,6]]}`, up("p", 5, 6)},
		"native without trunks has all":        {`{"vlan_mode":"native-untagged","tag":5}`, up("p", 5, from(1, 4095, 5)...)},
		"native without tag is a trunk":        {`{"vlan_mode":"native-untagged","trunks":6}`, up("p", 0, 6)},
		"native-tagged is both":                {`{"vlan_mode":"native-tagged","tag":5,"trunks":["set",[4,6]]}`, up("p", 5, 4, 5, 6)},
		"a tunnel is both":                     {`{"vlan_mode":"dot1q-tunnel","tag":5,"cvlans":9}`, up("p", 5, 5)},
		"closed":                               {`{"vlan_mode":"trunk","trunks":4095,"protected":true}`, netswitch.Closed("p")},
		"closed with an idle tag":              {`{"vlan_mode":"trunk","tag":5,"trunks":4095,"protected":true}`, netswitch.Closed("p")},
		"not quite closed":                     {`{"vlan_mode":"trunk","trunks":4095}`, up("p", 0, 4095)},
		"protected is not closed":              {`{"vlan_mode":"access","tag":5,"protected":true}`, up("p", 5)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var columns vlanColumns
			if err := json.Unmarshal([]byte(c.columns), &columns); err != nil {
				t.Fatal(err)
			}
			if got := columns.state("p"); !got.Equal(c.want) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestColumnsSayWhatIsWanted(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]netswitch.PortState{
		"vlan_mode=trunk tag=[] trunks=4095 cvlans=[] protected=true":              netswitch.Closed("p"),
		"vlan_mode=access tag=5 trunks=[] cvlans=[] protected=false":               up("p", 5),
		"vlan_mode=trunk tag=[] trunks=6,7 cvlans=[] protected=false":              up("p", 0, 6, 7),
		"vlan_mode=native-untagged tag=5 trunks=4,6,7 cvlans=[] protected=false":   up("p", 5, 4, 6, 7),
		"vlan_mode=native-untagged tag=4094 trunks=1 cvlans=[] protected=false":    up("p", 4094, 1),
		"vlan_mode=trunk tag=[] trunks=1,4094 cvlans=[] protected=false":           up("p", 0, 1, 4094),
		"vlan_mode=native-untagged tag=1 trunks=2,4094 cvlans=[] protected=false ": up("p", 1, 2, 4094),
	} {
		columns := columnsOf(want)
		if got := columns.words(); got != strings.TrimSpace(words) {
			t.Errorf("%+v: %s", want, got)
		}
		if got := columns.state("p"); !got.Equal(want) {
			t.Errorf("%+v comes back as %+v", want, got)
		}
	}
}

func TestImpossibleStatesAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want netswitch.PortState
		code sdk.Code
	}{
		"VLAN 4095":               {up("p", 4095), sdk.Invalid},
		"a negative VLAN":         {up("p", -1), sdk.Invalid},
		"VLAN 0 tagged":           {up("p", 5, 0), sdk.Invalid},
		"VLAN 4095 tagged":        {up("p", 0, 5, 4095), sdk.Invalid},
		"native among tagged":     {up("p", 5, 5), sdk.Invalid},
		"descending":              {up("p", 0, 6, 5), sdk.Invalid},
		"twice":                   {up("p", 0, 6, 6), sdk.Invalid},
		"up without a VLAN":       {up("p", 0), sdk.Invalid},
		"down and keeping a VLAN": {netswitch.PortState{Port: "p", Native: 5}, sdk.Unsupported},
	} {
		if err := checkState(c.want); err == nil || err.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
