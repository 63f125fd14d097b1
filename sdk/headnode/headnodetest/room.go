package headnodetest

import (
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

func roomChecks() []check {
	return []check{
		{Name: "Room tells what the host has", Run: roomOfHost},
		{Name: "Room counts the machines that are there", Run: roomCounts},
		{Name: "Room refuses an unknown image", Run: roomOfNoImage},
	}
}

func (r *rig) room(t conformance.T, s headnode.Session, image string) headnode.Room {
	t.Helper()
	room, err := s.(headnode.Roomer).Room(t.Context(), image)
	able(t, err)
	if err != nil {
		t.Fatalf("Room: %v", err)
	}
	return room
}

func roomOfHost(t conformance.T, r *rig) {
	room := r.room(t, r.open(t), "")
	if room.Total <= 0 || room.Used < 0 || room.Needed != 0 {
		t.Errorf("Room of a host, with no image given: %+v", room)
	}
}

// roomCounts cannot ask before and after, for others make machines meanwhile.
func roomCounts(t conformance.T, r *rig) {
	s := r.open(t)
	image := r.spec(t, s).Image
	r.machine(t, s)
	room := r.room(t, s, image)
	if room.Needed < 0 || room.Used < room.Needed {
		t.Errorf("Room, beside a machine of the image: %+v; want Used to be at least Needed", room)
	}
}

func roomOfNoImage(t conformance.T, r *rig) {
	_, err := r.open(t).(headnode.Roomer).Room(t.Context(), "haas-no-such-image")
	able(t, err)
	conformance.WantCode(t, "Room for an unknown image", err, sdk.Invalid)
}
