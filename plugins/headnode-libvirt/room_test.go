// A program cannot be imported, so its tests are inside.

package main

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
)

// memorySize is what virsh tells of a host's memory, in KiB.
var memorySize = regexp.MustCompile(`Memory size:\s+(\d+) KiB`)

// tellsRoom is for what the kit cannot know: how much memory the host and the images have. Others make machines meanwhile.
func tellsRoom(t *testing.T, h *host) {
	h.define(t, "base-room")
	h.define(t, "base-busy-room")
	h.start(t, "base-busy-room")
	t.Cleanup(func() { h.MustVirsh(t, "destroy", "base-busy-room") })
	found := memorySize.FindStringSubmatch(h.MustVirsh(t, "nodeinfo"))
	if found == nil {
		t.Fatal("virsh does not tell the memory")
	}
	kib, err := strconv.ParseInt(found[1], 10, 64)
	must(t, err)
	s := h.open(t, map[string]any{"memory": 77})
	for image, needed := range map[string]int64{"": 0, file: 77, "base-room": 48} {
		room, err := s.Room(t.Context(), image)
		must(t, err)
		if most := kib>>10 - 48; room.Needed != needed || room.Total > most || room.Total < most/2 {
			t.Errorf("room for %q: %+v; want %d to be needed, and a little less than %d to be there", image, room, needed, most)
		}
	}
	_, err = s.Room(t.Context(), "base-busy-room")
	wantText(t, err, sdk.Refused, "runs on")
}
