// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

func TestCredentialsThatAreRejected(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	for name, changes := range map[string]map[string]any{
		"wrong password":    {"password": "wrong"},
		"unknown user":      {"user": "nobody"},
		"privilege too low": {"user": "oper", "password": operatorPassword, "privilege": "administrator"},
	} {
		_, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), targetOf(t, c, changes))
		wantCode(t, err, sdk.Denied, "log-in of 127.0.0.1:")
		if sdk.IsRetryable(err) {
			t.Errorf("%s: %v can be retried", name, err)
		}
	}
	s := open(t, targetOf(t, c, map[string]any{"user": "oper", "password": operatorPassword, "privilege": "operator"}))
	must(t, s.PowerOn(t.Context()))
	lowly := open(t, targetOf(t, c, map[string]any{"user": "oper", "password": operatorPassword, "privilege": "user"}))
	wantCode(t, lowly.PowerOff(t.Context()), sdk.Refused, "may not")
	if power, err := lowly.PowerStatus(t.Context()); power != obm.PowerOn || err != nil {
		t.Errorf("%v, %v", power, err)
	}
}

func TestABlackHoleIsUnknownAndNotOff(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	must(t, open(t, targetOf(t, c, nil)).PowerOn(t.Context()))
	s := open(t, targetOf(t, c, map[string]any{"timeout": "400ms"}))
	c.SetDeaf(true)
	power, err := s.PowerStatus(t.Context())
	wantCode(t, err, sdk.Unavailable, "does not answer")
	if power != obm.PowerUnknown || !sdk.IsRetryable(err) {
		t.Errorf("%v, %v", power, err)
	}
	_, err = newDriver(hclog.NewNullLogger()).Open(t.Context(), targetOf(t, c, map[string]any{"timeout": "400ms"}))
	wantCode(t, err, sdk.Unavailable)
	c.SetDeaf(false)
	if power, err := s.PowerStatus(t.Context()); power != obm.PowerOn || err != nil {
		t.Errorf("when it hears again: %v, %v", power, err)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	port := conn.LocalAddr().(*net.UDPAddr).Port
	must(t, conn.Close())
	_, err = newDriver(hclog.NewNullLogger()).Open(t.Context(), target(t, port, password, nil))
	wantCode(t, err, sdk.Unavailable, "refused")
	_, err = newDriver(hclog.NewNullLogger()).Open(t.Context(), target(t, port, password, map[string]any{"host": "nowhere.invalid"}))
	wantCode(t, err, sdk.Unavailable, "nowhere.invalid")
}

func TestCallsObeyTheirContext(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	s := open(t, targetOf(t, c, map[string]any{"timeout": "1m"}))
	c.SetDeaf(true)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	power, err := s.PowerStatus(ctx)
	wantCode(t, err, sdk.Timeout)
	if power != obm.PowerUnknown {
		t.Errorf("power is %v", power)
	}
	_, err = newDriver(hclog.NewNullLogger()).Open(ctx, targetOf(t, c, map[string]any{"timeout": "1m"}))
	wantCode(t, err, sdk.Timeout)
}

// TestARestartInMidSessionIsMended wants what may be asked twice to be asked again, and nothing else.
func TestARestartInMidSessionIsMended(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	s := open(t, targetOf(t, c, map[string]any{"timeout": "1s"}))
	must(t, s.PowerOn(t.Context()))
	must(t, c.Restart())
	if power, err := s.PowerStatus(t.Context()); power != obm.PowerOn || err != nil {
		t.Errorf("%v, %v", power, err)
	}
	must(t, c.Restart())
	must(t, s.PowerCycle(t.Context(), true))
	if got := c.Chassis(); got.Resets != 1 || got.Boots != 2 {
		t.Errorf("%+v", got)
	}
	if n := c.Sessions(); n != 1 {
		t.Errorf("%d sessions are left", n)
	}
}

// TestACycleIsNotRepeated loses the answers from the moment at which the controller is told.
func TestACycleIsNotRepeated(t *testing.T) {
	t.Parallel()
	m := &machine{}
	c := simulate(t, bmctest.Options{Machine: m})
	s := open(t, targetOf(t, c, map[string]any{"timeout": "400ms"}))
	must(t, s.PowerOn(t.Context()))
	m.controller.Store(c)
	err := s.PowerCycle(t.Context(), false)
	wantCode(t, err, sdk.Timeout, "not known")
	if got := c.Chassis(); got.Cycles != 1 || sdk.IsRetryable(err) {
		t.Errorf("%+v, %v", got, err)
	}
}

// machine makes its controller dumb when it is turned off.
type machine struct {
	bmctest.Echo
	controller atomic.Pointer[bmctest.Controller]
}

func (m *machine) Power(on bool) error {
	if !on {
		m.controller.Load().SetDumb(true)
	}
	return nil
}

func TestASessionTableThatIsFull(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{Sessions: 2})
	first, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), targetOf(t, c, nil))
	must(t, err)
	open(t, targetOf(t, c, nil))
	_, err = newDriver(hclog.NewNullLogger()).Open(t.Context(), targetOf(t, c, nil))
	wantCode(t, err, sdk.Busy, "sessions")
	if !sdk.IsRetryable(err) {
		t.Errorf("%v cannot be retried", err)
	}
	must(t, first.Close())
	open(t, targetOf(t, c, nil))
}

// TestEightSessionsAtOnce logs in and works all at once, with one driver.
func TestEightSessionsAtOnce(t *testing.T) {
	t.Parallel()
	const many = 8
	c := simulate(t, bmctest.Options{Sessions: many})
	d := newDriver(hclog.NewNullLogger())
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			s, err := d.Open(t.Context(), targetOf(t, c, nil))
			if err != nil {
				t.Error(err)
				return
			}
			for range 20 {
				if _, err := s.PowerStatus(t.Context()); err != nil {
					t.Error(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := c.Sessions(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// TestEightCallersOfOneSession mixes readings and commands on one link.
func TestEightCallersOfOneSession(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	s := open(t, targetOf(t, c, nil))
	must(t, s.PowerOn(t.Context()))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if power, err := s.PowerStatus(t.Context()); power != obm.PowerOn || err != nil {
					t.Error(power, err)
				}
			}
		})
	}
	all.Wait()
}
