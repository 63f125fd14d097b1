// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
	"github.com/CCI-MOC/haas/sdk/obm/obmtest"
)

// patience is how long OpenIPMI's simulator may take for what it does in the background; a cycle takes it two seconds.
const patience = 20 * time.Second

// need gives the path of a program of Debian's packages openipmi and ipmitool. On a build server it must be there.
func need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed; run .ci/setup", program)
	}
	if err != nil {
		t.Skipf("%s is not installed; run .ci/setup", program)
	}
	return path
}

// The simulator's files. Its "-n" hides mistakes in them and then never answers.
const (
	lanConf = `name "haas"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 %d
    priv_limit admin
    allowed_auths_callback md5
    allowed_auths_user md5
    allowed_auths_operator md5
    allowed_auths_admin md5
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "%s/chassis"
  sol "tcp:127.0.0.1:%d" 115200 history=4000
  user 1 false "" "" user 10
  user 2 true "admin" "%s" admin 10
  user 3 true "oper" "%s" operator 10
`
	simEmu = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02
sel_enable 0x20 1000 0x0a
sensor_add 0x20 0 1 0x01 0x01
sensor_set_value 0x20 0 1 0x23 0
sensor_set_event_support 0x20 0 1 enable scanning per-state 000111111000000 000111111000000 000111111000000 000111111000000
main_sdr_add 0x20 0x00 0x00 0x51 0x01 0x31 0x20 0x00 0x01 0x07 0x01 0x7f 0x68 0x01 0x01 0x80 0x0a 0x80 0x0a 0x3f 0x3f 0x00 0x01 0x00 0x00 0x01 0x00 0x00 0x00 0x00 0x00 0x07 0x32 0x55 0x00 0xff 0x00 0x60 0x50 0x45 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0xc6 0x4d 0x42 0x54 0x65 0x6d 0x70
mc_enable 0x20
`
	// chassis is run for every power command and status: "get power", "set power 1", "set boot pxe".
	chassisScript = `#!/bin/sh
cd '%s' || exit 1
verb=$1; shift
while [ $# -gt 0 ]; do
	if [ $verb = get ]; then echo "$1:$(cat state-$1 2>/dev/null || echo 0)"; shift; continue; fi
	case $1 in
	reset) echo 1 >state-power ;;
	shutdown) echo 0 >state-power ;;
	*) echo "$2" >"state-$1.new" && mv "state-$1.new" "state-$1" ;;
	esac
	shift 2
done
`
)

// openIPMI starts OpenIPMI's simulator, whose serial line echoes, and gives its port.
func openIPMI(t testing.TB) (port int, dir string) {
	t.Helper()
	program := need(t, "ipmi_sim")
	dir = t.TempDir()
	port = freePort(t)
	put(t, dir, "lan.conf", fmt.Sprintf(lanConf, port, dir, echoes(t), password, operatorPassword), 0o600)
	put(t, dir, "sim.emu", simEmu, 0o600)
	put(t, dir, "chassis", fmt.Sprintf(chassisScript, dir), 0o700)
	cmd := exec.Command(program, "-c", dir+"/lan.conf", "-f", dir+"/sim.emu", "-s", dir, "-n") //nolint:gosec // a file of this test
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ready := func() bool {
		s, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), target(t, port, password, nil))
		if err == nil {
			_ = s.Close()
		}
		return err == nil
	}
	eventually(t, "the simulator answers", ready)
	return port, dir
}

func put(t testing.TB, dir, name, text string, mode os.FileMode) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), mode))
}

func freePort(t testing.TB) int {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	defer func() { _ = conn.Close() }()
	return conn.LocalAddr().(*net.UDPAddr).Port
}

// echoes is the port of a serial line that gives back what is typed.
func echoes(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-ended })
	return l.Addr().(*net.TCPAddr).Port
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !ok() {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%v have passed before %s", patience, what)
		}
	}
}

func TestKitOnOpenIPMI(t *testing.T) {
	t.Parallel()
	port, _ := openIPMI(t)
	for name, binary := range map[string]string{"in process": "", "program": program(t)} {
		t.Run(name, func(t *testing.T) { // one after the other, on one controller
			obmtest.Run(t, obmtest.Subject{
				New:    func(log hclog.Logger) obm.Driver { return newDriver(log) },
				Binary: binary, Target: target(t, port, password, nil), Echo: true, Patience: patience,
			})
		})
	}
}

func TestOpenIPMIRejectsCredentials(t *testing.T) {
	t.Parallel()
	port, _ := openIPMI(t)
	for name, changes := range map[string]map[string]any{
		"wrong password": {"password": "wrong"}, "unknown user": {"user": "nobody"},
	} { // it asks nobody for the right privilege
		s, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), target(t, port, password, changes))
		if err == nil {
			_ = s.Close()
		}
		if sdk.CodeOf(err) != sdk.Denied {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenIPMIsConsoleIsTakenOnRequest(t *testing.T) {
	t.Parallel()
	port, _ := openIPMI(t)
	at := target(t, port, password, map[string]any{"timeout": "1s"})
	holder := hold(t.Context(), t, open(t, at))
	s := open(t, at)
	_, err := s.Console(t.Context())
	wantCode(t, err, sdk.Busy, "somebody else holds it")
	taken, err := s.TakeConsole(t.Context())
	must(t, err)
	_, err = io.ReadAll(holder)
	wantCode(t, err, sdk.Unavailable)
	must(t, holder.Close())
	_, err = taken.Write([]byte("mine"))
	must(t, err)
	guest.ReadUntil(t, taken, "mine")
	must(t, taken.Close())
}

// TestWithIpmitool has the usual client read what the driver does, on both simulators, and do what the driver reads.
func TestWithIpmitool(t *testing.T) {
	t.Parallel()
	tool := need(t, "ipmitool")
	t.Run("OpenIPMI", func(t *testing.T) {
		t.Parallel()
		port, _ := openIPMI(t)
		agree(t, ipmitool{path: tool, port: port})
	})
	t.Run("go-ipmi", func(t *testing.T) {
		t.Parallel()
		c := ipmitool{path: tool, port: simulate(t, optionsFor(3)).Address().Port}
		agree(t, c)
		c.keepsBootFlags(t)
	})
}

func agree(t *testing.T, c ipmitool) {
	t.Helper()
	s := open(t, target(t, c.port, password, nil))
	for range 2 {
		must(t, s.PowerOn(t.Context()))
		c.eventually(t, "Power is on", "chassis", "power", "status")
		must(t, s.PowerOff(t.Context()))
		c.eventually(t, "Power is off", "chassis", "power", "status")
	}
	must(t, s.PowerCycle(t.Context(), false))
	c.eventually(t, "Power is on", "chassis", "power", "status")
	c.eventually(t, "Force PXE", "chassis", "bootparam", "get", "5")
	must(t, s.SetBootDevice(t.Context(), obm.BootNone))
	c.eventually(t, "No override", "chassis", "bootparam", "get", "5")
	c.run(t, "chassis", "power", "off")
	eventually(t, "the driver sees ipmitool's command", func() bool {
		power, err := s.PowerStatus(t.Context())
		return power == obm.PowerOff && err == nil
	})
	sensors, err := s.Sensors(t.Context())
	if err != nil || len(sensors) == 0 || !strings.Contains(c.run(t, "sdr", "list"), sensors[0].Name) {
		t.Errorf("%+v, %v", sensors, err)
	}
	wantSensor(t, sensors, 0, "MBTemp", 35, "degrees C", "ok")
}

// ipmitool is the usual client, pointed at a controller.
type ipmitool struct {
	path string
	port int
}

func (c ipmitool) keepsBootFlags(t *testing.T) {
	t.Helper()
	s := open(t, target(t, c.port, password, nil))
	must(t, s.SetBootDevice(t.Context(), obm.BootDisk))
	c.eventually(t, "Options apply to all future boots", "chassis", "bootparam", "get", "5")
	must(t, s.SetNextBootDevice(t.Context(), obm.BootDisk))
	c.eventually(t, "Options apply to only next boot", "chassis", "bootparam", "get", "5")
	c.eventually(t, "Force Boot from default Hard-Drive", "chassis", "bootparam", "get", "5")
}

func (c ipmitool) run(t testing.TB, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(file, []byte(password), 0o600))
	all := append([]string{"-I", "lanplus", "-C", "3", "-H", "127.0.0.1", "-p", fmt.Sprint(c.port), "-U", "admin", "-f", file}, args...)
	out, err := exec.CommandContext(t.Context(), c.path, all...).CombinedOutput() //nolint:gosec // a program of the system
	if err != nil {
		t.Fatalf("ipmitool %v: %v: %s", args, err, out)
	}
	return string(out)
}

func (c ipmitool) eventually(t *testing.T, want string, args ...string) {
	t.Helper()
	eventually(t, "ipmitool says "+want, func() bool { return strings.Contains(c.run(t, args...), want) })
}
