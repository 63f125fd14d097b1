package fabric

import (
	"context"
	"fmt"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// readings are what the running configuration says of each port, in the same order; nil for one that the switch does not
// have, and for one that the driver answered with another port's name. One lost port keeps nobody from knowing the
// others: it is looked for by halves.
func readings(ctx context.Context, s netswitch.Session, ports []string) ([]*netswitch.PortState, error) {
	if len(ports) == 0 {
		return nil, nil
	}
	states, err := s.Read(ctx, ports)
	switch {
	case err == nil:
		return matching(ports, states)
	case sdk.CodeOf(err) != sdk.NotFound:
		return nil, err
	case len(ports) == 1:
		return []*netswitch.PortState{nil}, nil
	}
	first, err := readings(ctx, s, ports[:len(ports)/2])
	if err != nil {
		return nil, err
	}
	second, err := readings(ctx, s, ports[len(ports)/2:])
	return append(first, second...), err
}

func matching(ports []string, states []netswitch.PortState) ([]*netswitch.PortState, error) {
	if len(states) != len(ports) {
		return nil, &sdk.Error{Code: sdk.Internal, Text: fmt.Sprintf("the driver read %d of %d ports", len(states), len(ports))}
	}
	seen := make([]*netswitch.PortState, len(ports))
	for i := range states {
		if states[i].Port == ports[i] {
			seen[i] = &states[i]
		}
	}
	return seen, nil
}
