package console_test

import (
	"testing"
	"time"
)

// TestWordsThatBreakOffAreNoRejection: "Last login: " is no question that comes again, although a lost packet may make it
// look like one for a while. A rejection is final: the device is left alone for minutes, and actions fail.
func TestWordsThatBreakOffAreNoRejection(t *testing.T) {
	t.Parallel()
	c, _ := device(t, func(p *peer) {
		if !p.login() {
			return
		}
		p.say("Last login: ")
		<-time.After(400 * time.Millisecond) // as long as it takes to send a packet again
		p.say("Mon Jul  5 17:27:50 from 10.0.0.1\r\n")
		p.shell()
	})
	run(t, open(t, c), "vlan 10", "")
}
