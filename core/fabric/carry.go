package fabric

import (
	"context"
	"fmt"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// carry tells the switch, and reads back. An error means that nothing is known of any port.
func (l *lane) carry(ctx context.Context, errands []errand) error {
	return l.session(ctx, func(ctx context.Context, s netswitch.Session) error {
		if err := apply(ctx, s, errands); err != nil {
			return err
		}
		return readBack(ctx, s, errands)
	})
}

// session runs fn on a session with the switch, within the time of a visit.
func (l *lane) session(ctx context.Context, fn func(context.Context, netswitch.Session) error) error {
	driver, err := l.Drivers.Switch(l.sw.Type)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, l.VisitTimeout)
	defer cancel()
	s, err := driver.Open(ctx, l.target())
	if err != nil {
		return err
	}
	l.warm = true
	// What was done and read stays true, whatever becomes of the session.
	defer func() { _ = s.Close() }()
	return fn(ctx, s)
}

func (l *lane) target() sdk.Target {
	return sdk.Target{Name: l.sw.Label, Type: l.sw.Type, Settings: sdk.Settings(l.sw.Settings)}
}

func apply(ctx context.Context, s netswitch.Session, errands []errand) error {
	want := make([]netswitch.PortState, 0, len(errands))
	for _, e := range errands {
		want = append(want, e.want)
	}
	results, err := s.Apply(ctx, want)
	if err != nil {
		return err
	}
	if len(results) != len(errands) {
		return &sdk.Error{Code: sdk.Internal, Text: fmt.Sprintf("the driver answered for %d of %d ports", len(results), len(errands))}
	}
	for i, r := range results {
		errands[i].fault = r.Err
	}
	return nil
}

// readBack asks the running configuration about every port that the switch knows.
func readBack(ctx context.Context, s netswitch.Session, errands []errand) error {
	var known []*errand
	var ports []string
	for i := range errands {
		if f := errands[i].fault; f == nil || f.Code != sdk.NotFound {
			known, ports = append(known, &errands[i]), append(ports, errands[i].want.Port)
		}
	}
	seen, err := readings(ctx, s, ports)
	for i, state := range seen {
		known[i].seen = state
	}
	return err
}
