package main

import (
	"context"
	"math"

	"github.com/digitalocean/go-libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/sdk/headnode"
)

// Room counts the memory of the machines of HaaS, whether they run or not, for each may be started. What others have of the
// host while they run is not to be had.
func (s *session) Room(ctx context.Context, image string) (headnode.Room, error) {
	room, err := s.room(ctx, image)
	return room, explain("look for room on "+s.settings.endpoint.String(), err)
}

func (s *session) room(ctx context.Context, image string) (headnode.Room, error) {
	var room headnode.Room
	if image != "" {
		i, err := s.image(ctx, image)
		if err != nil {
			return room, err
		}
		room.Needed = s.memoryOf(i)
	}
	kib, err := get(ctx, s.link, func(l *libvirt.Libvirt) (uint64, error) {
		_, kib, _, _, _, _, _, _, err := l.NodeGetInfo()
		return kib, err
	})
	if err != nil {
		return room, err
	}
	room.Total = int64(min(kib>>10, math.MaxInt64>>8))
	machines, err := s.all(ctx)
	for _, m := range machines {
		switch {
		case m.ours():
			room.Used += inMiB(m.now.Memory)
		case m.running():
			room.Total -= inMiB(m.now.Memory)
		}
	}
	room.Total = max(room.Total, 0)
	return room, err
}

// memoryOf is the memory of a machine that is made from an image.
func (s *session) memoryOf(i *image) int64 {
	if i.base == nil {
		return int64(s.settings.memory)
	}
	return inMiB(i.base.now.Memory)
}

// inMiB is an amount of memory, which libvirt tells in KiB whatever it was told, rounded up.
func inMiB(m *libvirtxml.DomainMemory) int64 {
	if m == nil {
		return 0
	}
	return int64(min(m.Value, math.MaxInt64>>8)+1023) >> 10
}
