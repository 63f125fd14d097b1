package lab

import (
	"encoding/binary"
	"errors"
	"net"
	"strings"
)

// etherBeacon is the type of a beacon's frame, one of those set aside for experiments.
const etherBeacon = 0x88b5

// smallestFrame is the length below which Ethernet pads.
const smallestFrame = 60

// beacon is what the watcher makes a machine shout: who it is, and whose.
type beacon struct {
	// lab tells beacons of two labs apart.
	lab string
	// machine is the name of the sender, owner its project when it sent.
	machine, owner string
}

// frame is a broadcast of the beacon from the address.
func (b beacon) frame(from net.HardwareAddr) []byte {
	f := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	f = append(f, from...)
	f = binary.BigEndian.AppendUint16(f, etherBeacon)
	f = append(f, b.lab+"\n"+b.machine+"\n"+b.owner+"\n"...)
	return append(f, make([]byte, max(0, smallestFrame-len(f)))...)
}

// errNoBeacon is for all the other traffic.
var errNoBeacon = errors.New("the frame is no beacon")

// parseBeacon reads a frame.
func parseBeacon(frame []byte) (beacon, error) {
	if len(frame) < headerLen || binary.BigEndian.Uint16(frame[addressesLen:]) != etherBeacon {
		return beacon{}, errNoBeacon
	}
	lines := strings.SplitN(string(frame[headerLen:]), "\n", 4)
	if len(lines) != 4 {
		return beacon{}, errNoBeacon
	}
	return beacon{lab: lines[0], machine: lines[1], owner: lines[2]}, nil
}
