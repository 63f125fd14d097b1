// The converters are not exported, so their test is inside.

package headnode

import (
	"reflect"
	"testing"

	"github.com/CCI-MOC/haas/sdk/internal/pb"
)

func TestSpecsCrossTheWire(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]Spec{
		"zero":  {},
		"id":    {ID: "headnode-1"},
		"image": {Image: "img1"},
		"nic":   {NICs: []NIC{{}}},
		"label": {NICs: []NIC{{Label: "eth0"}}},
		"vlan":  {NICs: []NIC{{VLAN: 4094}}},
		"all":   {ID: "headnode-1", Image: "img1", NICs: []NIC{{Label: "eth1", VLAN: 2}, {Label: "eth0", VLAN: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := specFromProto(createToProto(nil, spec)); !reflect.DeepEqual(got, spec) {
				t.Errorf("%+v became %+v", spec, got)
			}
		})
	}
	if got := specFromProto(nil); !reflect.DeepEqual(got, Spec{}) {
		t.Errorf("nil became %+v", got)
	}
}

func TestImagesCrossTheWire(t *testing.T) {
	t.Parallel()
	for _, images := range [][]Image{
		{},
		{{}},
		{{Name: "img1"}},
		{{Description: "Debian"}},
		{{Size: 1 << 40}},
		{{Checksum: "sha256:00"}},
		{{Name: "img2", Description: "Debian", Size: 1, Checksum: "sha256:00"}, {Name: "img1"}},
	} {
		if got := imagesFromProto(imagesToProto(images)); !reflect.DeepEqual(got, images) {
			t.Errorf("%+v became %+v", images, got)
		}
	}
	if got := imagesFromProto([]*pb.HeadnodeImage{nil}); !reflect.DeepEqual(got, []Image{{}}) {
		t.Errorf("a nil image became %+v", got)
	}
}

func TestStatesCrossTheWire(t *testing.T) {
	t.Parallel()
	for _, state := range []State{{}, {Running: true}, {VNCPort: 5900}, {Running: true, VNCPort: 65535}} {
		if got := stateFromProto(stateToProto(state)); got != state {
			t.Errorf("%+v became %+v", state, got)
		}
	}
	if got := stateFromProto(nil); got != (State{}) {
		t.Errorf("nil became %+v", got)
	}
}

func TestRoomCrossesTheWire(t *testing.T) {
	t.Parallel()
	for _, room := range []Room{{}, {Total: 1 << 40}, {Used: 7}, {Needed: 3}, {Total: 3, Used: 2, Needed: 1}} {
		if got := roomFromProto(roomToProto(room)); got != room {
			t.Errorf("%+v became %+v", room, got)
		}
	}
	if got := roomFromProto(nil); got != (Room{}) {
		t.Errorf("nothing became %+v", got)
	}
}

func TestSeedsCrossTheWire(t *testing.T) {
	t.Parallel()
	for _, seed := range []Seed{
		{},
		{Hostname: "h1"},
		{SSHKeys: []string{"ssh-ed25519 AAAA", "ssh-rsa BBBB"}},
		{UserData: "#cloud-config\n"},
		{Hostname: "h1", SSHKeys: []string{"ssh-ed25519 AAAA"}, UserData: "#!/bin/sh\n"},
	} {
		if got := seedFromProto(seedToProto(seed)); !reflect.DeepEqual(got, seed) {
			t.Errorf("%+v became %+v", seed, got)
		}
	}
	if got := seedFromProto(nil); !reflect.DeepEqual(got, Seed{}) {
		t.Errorf("nil became %+v", got)
	}
}
