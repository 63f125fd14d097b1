// A program cannot be imported, so its tests are inside.
package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bougou/go-ipmi/pkg/client"
	"github.com/bougou/go-ipmi/pkg/command/chassis"
	"github.com/bougou/go-ipmi/pkg/command/transport"
	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/qemu"
)

// emulated is how long a test waits for a machine, which may be emulated on a busy one.
const emulated = time.Minute

// TestControllersAndTheirMachines starts two, and turns on and watches the second.
func TestControllersAndTheirMachines(t *testing.T) {
	t.Parallel()
	said := start(t, "bmc", "--count", "2")
	const line = `^A controller of a simple machine answers IPMI on (\S+) to the user admin, whose password is admin\.\n$`
	first, second := logIn(t, address(t, said, line), "admin"), logIn(t, address(t, said, line), "admin")
	must(t, second.SetBootDevice(t.Context(), types.BootDeviceSelectorForcePXE, types.BIOSBootTypeLegacy, false))
	seen := watch(t, second)
	_, err := second.ChassisControl(t.Context(), chassis.ChassisControlPowerUp)
	must(t, err)
	seen.awaits(t, "Booting from network (PXE)...")
	seen.awaits(t, "Boot menu")
	for c, on := range map[*client.Client]bool{first: false, second: true} {
		if status, err := c.GetChassisStatus(t.Context()); err != nil || status.PowerIsOn != on {
			t.Errorf("power is %+v (%v), want %v", status, err, on)
		}
	}
}

func TestAnEmulatedMachine(t *testing.T) {
	t.Parallel()
	guest.Need(t)
	if _, err := exec.LookPath(qemu.Program); err != nil {
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(file, []byte("hidden\n"), 0o600))
	said := start(t, "bmc", "--machine", "qemu", "--user", "root", "--password-file", file, "--append", "console=ttyS0 nobody=home")
	c := logIn(t, address(t, said, `^A controller of a qemu machine answers IPMI on (\S+) to the user root\.\n$`), "root")
	seen := watch(t, c)
	_, err := c.ChassisControl(t.Context(), chassis.ChassisControlPowerUp)
	must(t, err)
	seen.awaits(t, "nobody=home")
}

// TestMistakesAboutControllers shows that what cannot be is told, and nothing is served.
func TestMistakesAboutControllers(t *testing.T) {
	t.Parallel()
	none, long := filepath.Join(t.TempDir(), "none"), filepath.Join(t.TempDir(), "long")
	must(t, os.WriteFile(none, nil, 0o600))
	must(t, os.WriteFile(long, bytes.Repeat([]byte("p"), 21), 0o600))
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"an unknown machine":   {[]string{"--machine", "abacus"}, `"abacus" is not known`},
		"no password there":    {[]string{"--password-file", "/nowhere"}, "read the password"},
		"no password":          {[]string{"--password-file", none}, "--password-file"},
		"a long password":      {[]string{"--password-file", long}, "--password-file"},
		"a long name":          {[]string{"--user", strings.Repeat("u", 17)}, "--user"},
		"an address of nobody": {[]string{"--listen", "nowhere"}, "--listen"},
		"a foreign address":    {[]string{"--listen", "192.0.2.1:0"}, "--listen"},
		"none at all":          {[]string{"--count", "0"}, "--count"},
		"no room for so many":  {[]string{"--listen", "127.0.0.1:65535", "--count", "2"}, "--listen"},
		"no kernel there":      {[]string{"--machine", "qemu", "--kernel", "/nowhere"}, "make the machine"},
		"a kernel for nothing": {[]string{"--kernel", "/boot/vmlinuz"}, "--machine qemu"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantMistake(t, test.want, append([]string{"bmc", "--listen", "127.0.0.1:0"}, test.args...)...)
		})
	}
}

// logIn is a client of a controller.
func logIn(t *testing.T, address, user string) *client.Client {
	t.Helper()
	at, err := netip.ParseAddrPort(address)
	must(t, err)
	password := map[string]string{"admin": "admin", "root": "hidden"}[user]
	c, err := client.NewClient(at.Addr().String(), int(at.Port()), user, password)
	must(t, err)
	c.WithTimeout(limit).WithCipherSuiteID(types.CipherSuiteID3)
	must(t, c.Connect(t.Context()))
	t.Cleanup(func() { _ = c.Close(context.Background()) }) // the controller is gone by then
	return c
}

// screen is what a console has shown so far.
type screen struct {
	mu    sync.Mutex
	text  strings.Builder // guarded by mu
	wrote chan struct{}
}

// watch opens the console of a controller until the test ends. It has a session of its own, so that the client is free.
func watch(t *testing.T, of *client.Client) *screen {
	t.Helper()
	c := logIn(t, net.JoinHostPort(of.Host, strconv.Itoa(of.Port)), of.Username)
	_, err := c.ActivatePayload(t.Context(), &transport.ActivatePayloadRequest{
		PayloadType: types.PayloadTypeSOL, PayloadInstance: 1, EnableEncryption: true, EnableAuthentication: true,
	})
	must(t, err)
	s := &screen{wrote: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	in, _ := io.Pipe()
	watching.Go(func() { _ = c.SOLStream(ctx, in, s, nil) }) // it ends with the test
	t.Cleanup(func() {
		stop()
		_ = in.Close()
		watching.Wait()
	})
	return s
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b)
	select {
	case s.wrote <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// awaits waits until the text is shown.
func (s *screen) awaits(t *testing.T, want string) {
	t.Helper()
	giveUp := time.After(emulated)
	for !strings.Contains(s.String(), want) {
		select {
		case <-s.wrote:
		case <-giveUp:
			t.Fatalf("within %v no %q; it shows %q", emulated, want, s)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
