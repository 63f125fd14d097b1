package storetest

import (
	"fmt"
	"slices"

	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// Truth is what the database says at one moment. It knows ports by their labels alone, so no two switches may have
// ports of one label.
type Truth struct {
	// live are the networks by VLAN, ports the ports by label.
	live  map[int]*liveNetwork
	ports map[string]*knownPort
}

type liveNetwork struct {
	id       int64
	public   bool
	projects []int64
}

type knownPort struct {
	// project has the node on the port, 0 if it is free or there is none.
	project          int64
	settled, pending bool
	// wants is what the port is to show once nothing is pending; noted are the VLANs that it may carry.
	wants netswitch.PortState
	noted []int
}

// Permits is nil if a port may carry what it does. put are the networks that its VLANs were put there for.
func (n Truth) Permits(carried netswitch.PortState, put map[int]int64) error {
	port := n.ports[carried.Port]
	for _, v := range carried.VLANs() {
		switch live, ok := n.live[v]; {
		case !slices.Contains(port.noted, v):
			return fmt.Errorf("port %s carries VLAN %d without a note of it", carried.Port, v)
		case ok && live.id != put[v]:
			return fmt.Errorf("VLAN %d has a new network while port %s still carries it for another", v, carried.Port)
		case ok && port.project != 0 && !live.public && !slices.Contains(live.projects, port.project):
			return fmt.Errorf("port %s carries VLAN %d, which its project may not use", carried.Port, v)
		}
	}
	return nil
}

// PermitsFree is nil if a port carries nothing, or its node is somebody's. A node that was released by force is nobody's
// while its port still carries what it did.
func (n Truth) PermitsFree(carried netswitch.PortState) error {
	if vlans := carried.VLANs(); n.ports[carried.Port].project == 0 && len(vlans) > 0 {
		return fmt.Errorf("port %s of a free node carries VLANs %v", carried.Port, vlans)
	}
	return nil
}

// Confirms is nil if a port shows what the database says it was seen to show.
func (n Truth) Confirms(carried netswitch.PortState) error {
	if port := n.ports[carried.Port]; port.settled && !carried.Equal(port.wants) {
		return fmt.Errorf("port %s is settled and shows %+v instead of %+v", carried.Port, carried, port.wants)
	}
	return nil
}

// Settled reports whether a port was seen to show what it should.
func (n Truth) Settled(port string) bool { return n.ports[port].settled }

// Owner is the ID of the network that has a VLAN, 0 if none has.
func (n Truth) Owner(vlan int) int64 {
	if w := n.live[vlan]; w != nil {
		return w.id
	}
	return 0
}

// Unsettled is a port that something is left to do with, empty if there is none.
func (n Truth) Unsettled() string {
	for label, p := range n.ports {
		if p.pending || !p.settled {
			return label
		}
	}
	return ""
}
