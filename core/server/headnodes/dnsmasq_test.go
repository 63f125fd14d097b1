package headnodes_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
)

// marker is what a node prints that was started from the headnode.
const marker = "hello from the network of the headnode"

// dnsmasqConf makes a headnode with the address 10.9.0.1 give out others, and the program that nodes start.
const dnsmasqConf = `user=root
group=root
port=0
no-ping
interface=eth0
dhcp-range=10.9.0.50,10.9.0.99,1h
dhcp-boot=node.0
dhcp-leasefile=/tmp/leases
enable-tftp
tftp-root=/srv
`

// library is a line of ldd's: a library, and where it is.
var library = regexp.MustCompile(`(?m)^\t(?:\S+ => )?(/\S+) \(`)

// reloadNIC makes the headnode compute the checksums of what it sends, and not leave that to its virtual network card: an
// Open vSwitch in user space, which the tests use, forwards without (3.1.0).
const reloadNIC = "rmmod virtio_net && insmod /lib/modules/virtio_net.ko csum=0 gso=0\n"

// dnsmasq is what a headnode has that starts nodes: this machine's own dnsmasq with its libraries, its settings, and what
// nodes start. The test is skipped where there is none, and fails on a build server, which has it.
func dnsmasq(t *testing.T) guest.Image {
	t.Helper()
	path, err := exec.LookPath("dnsmasq")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("%v; run .ci/setup", err)
	}
	if err != nil {
		t.Skipf("%v; run .ci/setup", err)
	}
	libraries, err := exec.CommandContext(t.Context(), "ldd", path).Output()
	must(t, err)
	files := map[string][]byte{
		"/etc/passwd": []byte("root:x:0:0::/root:/bin/sh\n"), "/etc/group": []byte("root:x:0:\n"),
		"/etc/dnsmasq.conf": []byte(dnsmasqConf), "/srv/node.0": program(marker),
	}
	found := map[string]string{path: "/bin/dnsmasq"}
	for _, line := range library.FindAllStringSubmatch(string(libraries), -1) {
		found[line[1]] = line[1]
	}
	for from, to := range found {
		files[to], err = os.ReadFile(from)
		must(t, err)
	}
	return guest.Image{Files: files, Script: reloadNIC}
}

// program is a program for a PC without an operating system, as a firmware loads from the network to the address 0x7c00: it
// writes a text and the end of a line to the first serial port, and then does nothing.
func program(text string) []byte {
	code := []byte{
		0x31, 0xc0, // xor ax, ax
		0x8e, 0xd8, // mov ds, ax
		0xfc,             // cld
		0xbe, 0x00, 0x00, // mov si, the address of the text
		0xac,       // next: lodsb
		0x84, 0xc0, // test al, al
		0x74, 0x11, // jz halt
		0x88, 0xc3, // mov bl, al
		0xba, 0xfd, 0x03, // mov dx, the state of the port
		0xec,       // wait: in al, dx
		0xa8, 0x20, // test al, ready for another character
		0x74, 0xfb, // jz wait
		0x88, 0xd8, // mov al, bl
		0xb2, 0xf8, // mov dl, the data of the port
		0xee,       // out dx, al
		0xeb, 0xea, // jmp next
		0xf4,       // halt: hlt
		0xeb, 0xfd, // jmp halt
	}
	binary.LittleEndian.PutUint16(code[6:], uint16(0x7c00+len(code))) //nolint:gosec // it is short
	return fmt.Appendf(code, "%s\r\n\x00", text)
}
