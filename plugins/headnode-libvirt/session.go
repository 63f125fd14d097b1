package main

import (
	"context"
	"fmt"

	"github.com/digitalocean/go-libvirt"
	"github.com/hashicorp/go-hclog"
	"libvirt.org/go/libvirtxml"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// session is the conversation with one host. Its calls may be concurrent.
type session struct {
	driver   *driver
	settings settings
	log      hclog.Logger
	way      way
	link     *link
	network  network
}

var (
	_ headnode.Session      = (*session)(nil)
	_ headnode.Consoler     = (*session)(nil)
	_ headnode.ConsoleTaker = (*session)(nil)
	_ headnode.Screener     = (*session)(nil)
	_ headnode.Plugger      = (*session)(nil)
	_ headnode.Roomer       = (*session)(nil)
	_ headnode.Seeder       = (*session)(nil)
)

// connect opens the session's conversation with libvirtd.
func (s *session) connect(ctx context.Context) (err error) {
	if s.way, err = open(ctx, s.settings.endpoint); err != nil {
		return err
	}
	if s.link, err = dial(ctx, s.settings, s.way); err != nil {
		s.way.close()
	}
	return err
}

// about is what was attempted, and on what.
func (s *session) about(what, id string) string {
	return fmt.Sprintf("%s machine %s on %s", what, id, s.settings.endpoint)
}

// inTurn calls f while nobody else changes the machine.
func (s *session) inTurn(ctx context.Context, what, id string, f func() error) error {
	if err := checkID(id); err != nil {
		return err
	}
	done, err := s.driver.turn(ctx, s.settings.endpoint, id)
	if err != nil {
		return explain(s.about(what, id), err)
	}
	defer done()
	return explain(s.about(what, id), f())
}

// Start turns the machine on, with a screen that has a new password, and lets it come back with its host.
func (s *session) Start(ctx context.Context, id string) error {
	return s.inTurn(ctx, "start", id, func() error {
		m, err := s.find(ctx, id)
		if err != nil {
			return err
		}
		if !m.running() {
			if err := s.start(ctx, m); err != nil {
				return err
			}
		}
		return s.setAutostart(ctx, m, true)
	})
}

func (s *session) start(ctx context.Context, m *machine) error {
	if err := s.prepare(ctx, m.vlans(s.network)); err != nil {
		return err
	}
	screen, err := (&libvirtxml.DomainGraphic{VNC: newScreen()}).Marshal()
	if err != nil {
		return err
	}
	err = s.link.do(ctx, func(l *libvirt.Libvirt) error {
		return l.DomainUpdateDeviceFlags(m.Domain, screen, libvirt.DomainDeviceModifyConfig)
	})
	if err != nil {
		return err
	}
	err = s.link.do(ctx, func(l *libvirt.Libvirt) error { return l.DomainCreate(m.Domain) })
	return ignore(err, libvirt.ErrOperationInvalid) // it runs, because its host has just come back
}

func (s *session) setAutostart(ctx context.Context, m *machine, on bool) error {
	var want int32
	if on {
		want = 1
	}
	return s.link.do(ctx, func(l *libvirt.Libvirt) error { return l.DomainSetAutostart(m.Domain, want) })
}

// Stop cuts the machine's power, and lets it stay off when its host comes back.
func (s *session) Stop(ctx context.Context, id string) error {
	return s.inTurn(ctx, "stop", id, func() error {
		m, err := s.find(ctx, id)
		if err != nil {
			return err
		}
		if err := s.setAutostart(ctx, m, false); err != nil {
			return err
		}
		if !m.running() {
			return refused("machine " + id + " does not run")
		}
		return s.link.do(ctx, func(l *libvirt.Libvirt) error { return l.DomainDestroy(m.Domain) })
	})
}

// State asks libvirt each time: that takes about a millisecond, and is right whoever has started or stopped the machine.
func (s *session) State(ctx context.Context, id string) (headnode.State, error) {
	m, err := s.find(ctx, id)
	if err != nil {
		return headnode.State{}, explain(s.about("look at", id), err)
	}
	return headnode.State{Running: m.running(), VNCPort: m.vncPort()}, nil
}

// Alive reports that libvirtd has not hung up, as it does when it is restarted.
func (s *session) Alive() bool { return s.link.alive() }

// Close hangs up.
func (s *session) Close() error {
	s.link.close()
	s.way.close()
	return nil
}

// prepare makes sure that machines can be plugged into the VLANs.
func (s *session) prepare(ctx context.Context, vlans []int) error {
	done, err := take(ctx, s.driver.bridging)
	if err != nil {
		return err
	}
	defer done()
	return s.network.prepare(ctx, vlans)
}

// tidy removes what prepare has made and no machine needs any more.
func (s *session) tidy(ctx context.Context) error {
	done, err := take(ctx, s.driver.bridging)
	if err != nil {
		return err
	}
	defer done()
	return s.network.tidy(ctx)
}

// checkNICs refuses cards that cannot be.
func checkNICs(nics []headnode.NIC) error {
	var fields []sdk.FieldError
	seen := map[string]bool{}
	for i, n := range nics {
		field := fmt.Sprintf("nics[%d]", i)
		if n.VLAN < 0 || n.VLAN > maxVLAN {
			fields = append(fields, sdk.FieldError{Field: field + ".vlan", Text: "must be from 1 to 4094, or 0 for none"})
		}
		if n.Label == "" || seen[n.Label] {
			fields = append(fields, sdk.FieldError{Field: field + ".label", Text: "must be given, and differ from those of the machine's other cards"})
		}
		seen[n.Label] = true
	}
	if len(fields) == 0 {
		return nil
	}
	return &sdk.Error{Code: sdk.Invalid, Text: "network cards", Fields: fields}
}
