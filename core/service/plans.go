package service

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// NodeConnectNetworkPlan makes all checks of NodeConnectNetwork and answers what would be sent to the switch now. Nothing
// is sent, and nothing recorded.
func (s *Service) NodeConnectNetworkPlan(ctx context.Context, node, nic, network, channel string) (Plan, error) {
	return s.plan(ctx, s.connecting(node, nic, network, channel))
}

// NodeDetachNetworkPlan is to NodeDetachNetwork what NodeConnectNetworkPlan is to NodeConnectNetwork.
func (s *Service) NodeDetachNetworkPlan(ctx context.Context, node, nic, network string) (Plan, error) {
	return s.plan(ctx, s.detaching(node, nic, network))
}

// PortRevertPlan is to PortRevert what NodeConnectNetworkPlan is to NodeConnectNetwork.
func (s *Service) PortRevertPlan(ctx context.Context, sw, port string) (Plan, error) {
	return s.plan(ctx, reverting(sw, port))
}

// errOnlyPlanned undoes a transaction that was to find out what would be done.
var errOnlyPlanned = errors.New("nothing is to be recorded")

// plan asks the switch what it would be sent if the wish were recorded.
func (s *Service) plan(ctx context.Context, w wish) (Plan, error) {
	planned, sw, err := s.rehearse(ctx, w)
	if err != nil {
		return Plan{}, err
	}
	answer, err := s.Ask(ctx, sw.ID, fabric.Question{Want: []netswitch.PortState{fabric.Wanted(planned)}})
	if err != nil {
		return Plan{}, driverError("switch", err)
	}
	return Plan{Switch: sw.Label, Port: planned.Label, Lines: answer.Lines}, nil
}

// rehearse records the wish, sees what it makes of its port, and undoes it.
func (s *Service) rehearse(ctx context.Context, w wish) (planned store.Work, sw core.Switch, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		port, err := w.record(ctx, q, uuid.NewString())
		if err != nil {
			return err
		}
		if sw, err = q.SwitchOfPort(ctx, port); err != nil {
			return err
		}
		if planned, err = q.PortWork(ctx, port); err != nil {
			return err
		}
		return errOnlyPlanned
	})
	if errors.Is(err, errOnlyPlanned) {
		err = nil
	}
	return planned, sw, err
}
