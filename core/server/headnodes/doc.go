// Package headnodes tests whole servers on a host of virtual machines: the real API and store, the libvirt driver as a
// process, and a libvirtd, an Open vSwitch and machines emulated by QEMU, all of the test's own. It has only tests.
package headnodes
