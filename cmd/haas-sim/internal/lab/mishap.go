package lab

import (
	"context"
	"fmt"
	"syscall"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// mishap is something that goes wrong in the middle of a switch's configuration.
type mishap struct {
	name string
	// fault breaks a connection at the command; 0 if the mishap is none of the switch's.
	fault consoletest.Kind
	// strike is what happens when the command has taken effect; nil if the mishap is the switch's.
	strike func(ctx context.Context, l *Lab, f *front) error
}

func mishaps() []mishap {
	return []mishap{
		{name: "the connection breaks before command %d takes effect", fault: consoletest.DropBefore},
		{name: "the connection breaks after command %d has taken effect, before its answer", fault: consoletest.DropAfter},
		{name: "the drivers are killed at command %d", strike: killDriver},
		{name: "the server is killed at command %d", strike: killServer},
	}
}

// arm prepares the mishap for the nth configuring command of a switch; sprung is told of those that are no fault of the
// switch's own. Hits is how often it has happened since.
func (m mishap) arm(f *front, nth int, sprung chan<- *trap) (hits func() int) {
	if m.strike != nil {
		return f.trap.set(nth, sprung)
	}
	return f.device.Inject(consoletest.Fault{Kind: m.fault, On: configuring, Nth: nth}).Hits
}

// killDriver ends the driver of a switch at once; the server starts it again.
func killDriver(_ context.Context, l *Lab, f *front) error {
	for _, pid := range l.server.children(f.driver) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return fmt.Errorf("kill %s: %w", f.driver, err)
		}
	}
	return nil
}

// killServer ends the server at once, which ends its drivers, and starts it again.
func killServer(ctx context.Context, l *Lab, f *front) error {
	for _, other := range l.fronts {
		if other != f {
			other.trap.release() // killing it once is enough
		}
	}
	l.server.signal(syscall.SIGKILL)
	return l.server.start(ctx)
}
