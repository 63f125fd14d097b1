package server_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core/store/storetest"
)

// TestTop40 shows the behaviours that clients of the predecessor rely on most: on both databases, with and without
// the prefix.
func TestTop40(t *testing.T) {
	t.Parallel()
	for name, prefix := range map[string]string{"as HaaS": "", "as HIL": "/v0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachURI(t, func(t *testing.T, uri string) {
				h := newHouse(t, uri, nil)
				h.prefix = prefix
				for _, row := range top40 {
					t.Run(row.name, func(t *testing.T) {
						t.Parallel()
						row.play(h.scene(t))
					})
				}
			})
		})
	}
}

// top40 is the list. Number 27, the exhausted pool, is a test of its own.
var top40 = []struct {
	name string
	play func(s *scene)
}{
	{"1 a stranger creates no project", strangerCreatesProject},
	{"2 a wrong password and a user who is no administrator are answered alike", wrongPassword},
	{"3 a project is created once", projectCreatedOnce},
	{"4 a body is JSON whatever its type", bodyIsJSON},
	{"5 junk is refused before the caller is known", junkFirst},
	{"6 unknown, missing, mistyped and repeated members are refused", malformedMembers},
	{"7 a body that is no object is refused", bodyNoObject},
	{"8 the list of projects is sorted", projectsSorted},
	{"9 a missing project is not deleted", missingProject},
	{"10 a project in use is not deleted", projectInUse},
	{"11 a node is registered once, with a known controller", nodeRegisteredOnce},
	{"12 a NIC is registered once per node", nicRegisteredOnce},
	{"13 a node with NICs is not deleted", nodeWithNICs},
	{"14 a switch is registered once, of a known type", switchRegisteredOnce},
	{"15 a port's name may be escaped or not", portSpelling},
	{"16 a port and a NIC are connected once", cabledOnce},
	{"17 a cable stays while there is none or the node is reserved", uncabling},
	{"18 a switch with ports and a port with a NIC are not deleted", switchInUse},
	{"19 a node is reserved once", nodeReservedOnce},
	{"20 a node is reserved for an existing project of one's own", reserveForOthers},
	{"21 the lists of nodes are sorted and follow reservations", nodeLists},
	{"22 a node is shown while free and to its project", nodeShown},
	{"23 a node of another project is not released", releaseForeignNode},
	{"24 a network is created once", networkCreatedOnce},
	{"25 a project creates only its own private networks", networkOfOthers},
	{"26 an administrator creates any network", networkOfAdmin},
	{"28 a network is shown to those with access", networkShown},
	{"29 a network is on a NIC only when the switch is done", connectShows},
	{"30 a NIC with a pending action takes no other", pendingBlocks},
	{"31 a channel carries one network, a NIC a network once", channelsTaken},
	{"32 a channel is native or the network's own", channelsLegal},
	{"33 only one's own nodes and networks are connected", connectForeign},
	{"34 only what is attached is detached", detachAttached},
	{"35 a node is released once it is clear", releaseWhenClear},
	{"36 a network is deleted once it is deserted", deleteWhenDeserted},
	{"37 a headnode is made of a known image, on networks of the pool", headnodeMade},
	{"38 a headnode is frozen once it was started", headnodeFrozen},
	{"39 users come and go, with their projects", usersManaged},
	{"40 power is for the owner, and of free nodes for administrators", powerAllowed},
}
