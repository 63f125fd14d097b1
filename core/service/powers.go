package service

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
)

// NodePowerList tells what the power of the caller's nodes was last seen to be, an administrator of all nodes, sorted.
// Fresh has every node asked first, and waits for all of them.
func (s *Service) NodePowerList(ctx context.Context, fresh bool) ([]NodePower, error) {
	if err := auth.Check(ctx, "node_power_list", auth.Nothing); err != nil {
		return nil, err
	}
	scope := store.PowerScope{Projects: auth.From(ctx).Projects}
	scope.Everywhere = auth.Check(ctx, "node_power_list_all", auth.Nothing) == nil
	if fresh && !s.DryRun {
		if err := s.Powers.Refresh(ctx, scope); err != nil {
			return nil, err
		}
	}
	rows, err := s.Store.NodePowers(ctx, scope)
	if err != nil {
		return nil, err
	}
	all := make([]NodePower, 0, len(rows))
	for _, r := range rows {
		all = append(all, s.shownPower(r))
	}
	return all, nil
}

// shownPower is a row as it is told. What is not known is never told from an earlier time.
func (s *Service) shownPower(r store.NodePower) NodePower {
	p := NodePower{Node: r.Node, Project: r.Project, Power: core.PowerUnknown}
	switch {
	case !r.OBMEnabled:
		p.Error = disabled(r.Node).Error()
	case s.DryRun:
		p.Error = "this server makes a dry run: no controller is asked"
	case !r.Asked:
		p.Error = "the controller has not been asked yet"
	default:
		p.Power, p.Error, p.Asked = r.State, r.Error, true
		p.Age = time.Duration(max(r.AgeMS, 0)) * time.Millisecond
	}
	return p
}

// powerWanted makes the node be asked soon, since what was last seen may be over. The call that changed it has done its
// work, whatever comes of this.
func (s *Service) powerWanted(ctx context.Context, n core.Node) {
	if err := s.Powers.Want(context.WithoutCancel(ctx), n.ID); err != nil {
		s.Log.Warn("node is not asked for its power before its time", "node", n.Label, "err", err)
	}
}

// AskPower makes what asks a node whether it is on, for those who keep an eye on all nodes. An error is fit to be shown to
// the node's owners; what is not goes to the log.
func AskPower(d Drivers, log hclog.Logger) func(context.Context, core.Node) (string, error) {
	return func(ctx context.Context, n core.Node) (string, error) {
		state, err := askPower(ctx, d, n)
		if _, told := errors.AsType[*core.Error](err); err != nil && !told && ctx.Err() == nil {
			log.Error("ask for power", "node", n.Label, "err", err)
			return "", errors.New("the server failed to ask the controller; its log says why")
		}
		return state, err
	}
}

func askPower(ctx context.Context, d Drivers, n core.Node) (string, error) {
	o, err := openOBM(ctx, d, n)
	if err != nil {
		return "", driverError("obm", err)
	}
	state, err := o.PowerStatus(ctx)
	if err := errors.Join(err, o.Close()); err != nil {
		return "", driverError("obm", err)
	}
	if state.String() == core.PowerUnknown {
		return "", core.Errorf(core.Refused, "the controller does not know whether the node is on")
	}
	return state.String(), nil
}
