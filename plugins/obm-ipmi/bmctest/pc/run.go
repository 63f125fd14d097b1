package pc

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

// run is the machine from one start to the next. Its context ends when the machine goes off.
type run struct {
	device types.BootDeviceSelector
	pace   time.Duration
	screen io.Writer
	keys   chan byte

	ctx   context.Context //nolint:containedctx // it is this component's own life
	stop  context.CancelFunc
	ended chan struct{}
}

// sources are what is printed for each choice of a boot device.
var sources = map[types.BootDeviceSelector]string{
	types.BootDeviceSelectorNoOverride:     "Booting from the first device, the disk...",
	types.BootDeviceSelectorForcePXE:       "Booting from network (PXE)...",
	types.BootDeviceSelectorForceHardDrive: "Booting from disk...",
	types.BootDeviceSelectorForceCDROM:     "Booting from CD...",
	types.BootDeviceSelectorForceBIOSSetup: "There is nothing to set up.",
}

// source is from what the machine starts.
func (r *run) source() string {
	source, known := sources[r.device]
	if !known {
		return "Booting from a device that is not there (" + r.device.String() + ")..."
	}
	return source
}

// systems are what the menu offers.
var systems = []string{"Linux", "Rescue system", "Memory test"}

// live is the machine's life, after that of the run before.
func (r *run) live(before *run) {
	defer close(r.ended)
	if before != nil {
		<-before.ended
	}
	for r.ctx.Err() == nil {
		r.start()
		if !r.work(r.choose()) {
			r.stop()
		}
	}
}

// start is what the firmware does.
func (r *run) start() {
	r.say("", bmctest.Manufacturer+" "+bmctest.Product, "Memory: 65536 MB, no errors", "")
	r.say(r.source())
	if r.device == types.BootDeviceSelectorForcePXE {
		r.say("net0: 52:54:00:62:00:01, address 192.0.2.62, next server 192.0.2.1", "Filename: menu... ok")
	}
}

// choose shows the menu until a system is chosen.
func (r *run) choose() (system string) {
	r.say("", "Boot menu")
	for i, s := range systems {
		r.say(fmt.Sprintf("  %d) %s", i+1, s))
	}
	r.print("Press a number: ")
	for {
		key, on := r.key()
		if !on {
			return ""
		}
		if n := int(key - '1'); n >= 0 && n < len(systems) {
			r.print(string(key) + "\r\n")
			return systems[n]
		}
		r.print(fmt.Sprintf("%q is none of them. Press a number: ", key))
	}
}

// work is what the system does, until the machine starts again or goes off.
func (r *run) work(system string) (again bool) {
	if system == "" {
		return false
	}
	r.say("Starting "+system+"...", "[    0.000000] "+system+" of a simulated machine", "[    0.000001] console: ttyS1 at 115200 baud", "")
	r.say(`Type "help".`)
	for {
		r.print("simulated# ")
		line, on := r.line()
		switch word, rest, _ := strings.Cut(line, " "); {
		case !on, word == "poweroff":
			return false
		case word == "reboot":
			return true
		case word == "help":
			r.say("echo TEXT, boot (from what it was started), reboot, poweroff")
		case word == "echo":
			r.say(rest)
		case word == "boot":
			r.say(r.source())
		case word != "":
			r.say(word + ": not found")
		}
	}
}

// line reads a line that is typed, and echoes it.
func (r *run) line() (text string, on bool) {
	var line []byte
	for {
		key, on := r.key()
		switch {
		case !on:
			return "", false
		case key == '\r', key == '\n':
			r.print("\r\n")
			return strings.TrimSpace(string(line)), true
		case (key == '\b' || key == 0x7f) && len(line) > 0:
			line = line[:len(line)-1]
			r.print("\b \b")
		case key >= ' ' && key != 0x7f:
			line = append(line, key)
			r.print(string([]byte{key}))
		}
	}
}

// key waits for a key; there is none any more when the machine is off.
func (r *run) key() (key byte, on bool) {
	select {
	case key = <-r.keys:
		return key, true
	case <-r.ctx.Done():
		return 0, false
	}
}

// say prints lines at the machine's pace.
func (r *run) say(lines ...string) {
	for _, line := range lines {
		if r.pace > 0 {
			select {
			case <-time.After(r.pace):
			case <-r.ctx.Done():
			}
		}
		r.print(line + "\r\n")
	}
}

func (r *run) print(text string) {
	if r.ctx.Err() == nil {
		_, _ = io.WriteString(r.screen, text) // the line takes everything
	}
}
