package console_test

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

// TestNothingIsDeliveredAfterHangingUp: an Enter that was lost on the way must not reach the device minutes later, when
// somebody else has configured the port. A connection that is reset has nothing left to send again; one that is closed
// goes on trying, even when the process is gone.
func TestNothingIsDeliveredAfterHangingUp(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	c, _ := device(t, func(p *peer) {
		p.login()
		p.reply = func(p *peer, line string) bool {
			if line != "slow" {
				return true
			}
			_, err := p.in.ReadByte()
			ended <- err
			return false
		}
		p.shell()
	})
	c.Deadline = 500 * time.Millisecond // by then all that the device has said is read, so that a close would be an orderly one
	s := open(t, c)
	_, err := s.Run(t.Context(), "slow")
	wantError(t, err, sdk.Timeout, true, "slow")
	if err := <-ended; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the device sees %v, not a reset", err)
	}
}
