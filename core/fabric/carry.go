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
	s, err := driver.Open(ctx, sdk.Target{Name: l.sw.Label, Type: l.sw.Type, Settings: sdk.Settings(l.sw.Settings)})
	if err != nil {
		return err
	}
	// What was done and read stays true, whatever becomes of the session.
	defer func() { _ = s.Close() }()
	return fn(ctx, s)
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
	for i := range errands {
		if f := errands[i].fault; f == nil || f.Code != sdk.NotFound {
			known = append(known, &errands[i])
		}
	}
	err := readPorts(ctx, s, known)
	if sdk.CodeOf(err) != sdk.NotFound {
		return err
	}
	// One port that the switch has lost keeps nobody from knowing the others.
	for i := range known {
		if err := readPorts(ctx, s, known[i:i+1]); err != nil && sdk.CodeOf(err) != sdk.NotFound {
			return err
		}
	}
	return nil
}

func readPorts(ctx context.Context, s netswitch.Session, errands []*errand) error {
	if len(errands) == 0 {
		return nil
	}
	ports := make([]string, 0, len(errands))
	for _, e := range errands {
		ports = append(ports, e.want.Port)
	}
	states, err := s.Read(ctx, ports)
	if err != nil {
		return err
	}
	if len(states) != len(ports) {
		return &sdk.Error{Code: sdk.Internal, Text: fmt.Sprintf("the driver read %d of %d ports", len(states), len(ports))}
	}
	for i, e := range errands {
		if states[i].Port == e.want.Port {
			e.seen = &states[i]
		}
	}
	return nil
}
