// A program cannot be imported, so its tests are inside.

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// patience bounds what takes a moment on a machine that is busy with tests: an emulated machine takes seconds to start.
const patience = time.Minute

// defineGuest adds a prepared machine that runs a small system, whose first card has an address.
func (h *host) defineGuest(t testing.TB, name, address string) {
	t.Helper()
	g := guest.Need(t)
	var initrd bytes.Buffer
	must(t, g.Write(&initrd, guest.Image{
		Modules: []string{"virtio_pci", "virtio_net", "virtio_blk"},
		Script:  fmt.Sprintf("ip address add %s dev eth0\nip link set eth0 up\n", address),
	}))
	file := filepath.Join(h.Dir(), name+".initrd")
	must(t, os.WriteFile(file, initrd.Bytes(), 0o600))
	disk := filepath.Join(h.pool, name+".qcow2")
	h.AddDisk(t, disk, "32M")
	boot := fmt.Sprintf("<os><type>hvm</type><kernel>%s</kernel><initrd>%s</initrd><cmdline>console=ttyS0</cmdline></os>", g.Kernel, file)
	h.Define(t, strings.NewReplacer("<os><type>hvm</type></os>", boot, ">48<", ">128<").Replace(base(name, disk)))
}

// node adds a machine to the Open vSwitch, on a VLAN.
func (h *host) node(t testing.TB, name string, vlan int, address string) *ovstest.Namespace {
	t.Helper()
	n, err := ovstest.NewMachine(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, n.Close()) })
	must(t, h.sw.Plug(t.Context(), bridge, name, n, "eth0"))
	h.sw.MustCtl(t, "set", "Port", name, "tag="+strconv.Itoa(vlan))
	must(t, n.SetAddress(t.Context(), "eth0", address))
	t.Cleanup(func() { h.sw.MustCtl(t, "del-port", bridge, name) })
	return n
}

// wantReach pings until who reaches the address is as wanted.
func wantReach(t testing.TB, address string, want map[*ovstest.Namespace]bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		var wrong atomic.Int32
		var all sync.WaitGroup // silence takes a while
		for n, reaches := range want {
			all.Go(func() {
				if got, err := n.Ping(ctx, address); err != nil || got != reaches {
					wrong.Add(1)
				}
			})
		}
		all.Wait()
		if wrong.Load() == 0 {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%d machines reach %s that should not, or do not that should", wrong.Load(), address)
		}
	}
}

// lives follows a headnode from its making to its end: it boots, talks on its serial line, is seen on its screen, and
// stands on the VLAN that it was put on and no other.
func lives(t *testing.T, h *host) {
	const address = "10.0.0.9"
	h.defineGuest(t, "base-guest", address+"/24")
	green, blue := h.node(t, "green", 104, "10.0.0.1/24"), h.node(t, "blue", 105, "10.0.0.2/24")
	s := h.open(t, nil)
	spec := spec("base-guest", 104)
	must(t, s.Create(t.Context(), spec))
	must(t, s.Start(t.Context(), spec.ID))
	console, err := s.Console(t.Context(), spec.ID)
	must(t, err)
	guest.ReadUntil(t, console, "guest# ")
	_, err = console.Write([]byte("echo $((6 * 7)) cards: $(ls -d /sys/class/net/eth* | wc -l) disk: $(cat /sys/block/vda/size)\r"))
	must(t, err)
	guest.ReadUntil(t, console, "42 cards: 2 disk: 65536\r\n")
	wantReach(t, address, map[*ovstest.Namespace]bool{green: true, blue: false})
	for _, vlan := range []int{0, 104, 105} {
		must(t, s.Plug(t.Context(), spec.ID, headnode.NIC{Label: "eth0", VLAN: vlan}))
		wantReach(t, address, map[*ovstest.Namespace]bool{green: vlan == 104, blue: vlan == 105})
	}

	_, err = s.Console(t.Context(), spec.ID)
	wantText(t, err, sdk.Busy, "somebody else holds it")
	taken, err := s.TakeConsole(t.Context(), spec.ID)
	must(t, err)
	_, err = io.ReadAll(console)
	t.Log("the holder was told: ", err)
	_, err = taken.Write([]byte("echo $((7 * 7))\r"))
	must(t, err)
	guest.ReadUntil(t, taken, "49\r\n")
	must(t, taken.Close())

	h.wantScreen(t, s, spec.ID)
	h.wantAutostart(t, spec.ID, true)
	password := h.password(t, spec.ID)
	must(t, s.Stop(t.Context(), spec.ID))
	wantReach(t, address, map[*ovstest.Namespace]bool{blue: false})
	state, err := s.State(t.Context(), spec.ID)
	must(t, err)
	if state != (headnode.State{}) {
		t.Errorf("after Stop: %+v", state)
	}
	h.wantAutostart(t, spec.ID, false)
	must(t, s.Create(t.Context(), spec)) // as it was before its card was moved
	must(t, s.Start(t.Context(), spec.ID))
	if h.password(t, spec.ID) == password {
		t.Error("the screen has the password of the last start")
	}
	wantReach(t, address, map[*ovstest.Namespace]bool{green: false, blue: true})
	must(t, s.Delete(t.Context(), spec.ID))
	h.wantGone(t, spec.ID)
}

// wantAutostart wants the machine to come back with its host, or not.
func (h *host) wantAutostart(t testing.TB, id string, want bool) {
	t.Helper()
	if got := strings.Contains(h.MustVirsh(t, "list", "--all", "--autostart", "--name"), id); got != want {
		t.Errorf("autostart is %t", got)
	}
}

// password is that of a running machine's screen.
func (h *host) password(t testing.TB, id string) string {
	t.Helper()
	_, rest, found := strings.Cut(h.MustVirsh(t, "dumpxml", "--security-info", id), "passwd='")
	if !found {
		t.Fatal("the screen has no password")
	}
	password, _, _ := strings.Cut(rest, "'")
	return password
}

// wantScreen wants the screen to be on the host's loopback, behind a password.
func (h *host) wantScreen(t testing.TB, s *session, id string) {
	t.Helper()
	state, err := s.State(t.Context(), id)
	must(t, err)
	var said []byte
	must(t, h.sw.Do(func() error {
		conn, err := (&net.Dialer{Timeout: patience}).DialContext(t.Context(), "tcp", net.JoinHostPort(loopback, strconv.Itoa(state.VNCPort)))
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		if _, err := conn.Write([]byte("RFB 003.008\n")); err != nil {
			return err
		}
		said = make([]byte, 14)
		_, err = io.ReadFull(conn, said)
		return err
	}))
	if string(said) != "RFB 003.008\n\x01\x02" { // one kind of security, that with a password
		t.Errorf("the screen says %q", said)
	}
}
