package service

import (
	"context"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// ProjectList lists the projects, sorted.
func (s *Service) ProjectList(ctx context.Context, p Page) ([]string, error) {
	if err := auth.Check(ctx, "project_list", auth.Nothing); err != nil {
		return nil, err
	}
	return s.Store.ProjectLabels(ctx, p.After, p.Limit)
}

// ProjectCreate adds a project.
func (s *Service) ProjectCreate(ctx context.Context, project string) error {
	if err := auth.Check(ctx, "project_create", auth.Nothing); err != nil {
		return err
	}
	if err := core.CheckLabel("project", project); err != nil {
		return err
	}
	return s.Store.CreateProject(ctx, project)
}

// ProjectDelete removes a project that has nothing left.
func (s *Service) ProjectDelete(ctx context.Context, project string) error {
	if err := auth.Check(ctx, "project_delete", auth.Nothing); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		p, err := q.Project(ctx, project)
		if err != nil {
			return err
		}
		use, err := q.ProjectUse(ctx, p.ID)
		if err != nil {
			return err
		}
		if err := unused(use); err != nil {
			return err
		}
		return q.DeleteProject(ctx, p.ID)
	})
}

func unused(u store.ProjectUse) error {
	switch {
	case u.Nodes > 0:
		return core.Errorf(core.Blocked, "the project has %d nodes; detach them first", u.Nodes)
	case u.Networks > 0:
		return core.Errorf(core.Blocked, "the project has %d networks; delete them first", u.Networks)
	case u.Accesses > 0:
		return core.Errorf(core.Blocked, "the project has access to %d networks; revoke it first", u.Accesses)
	case u.Headnodes > 0:
		return core.Errorf(core.Blocked, "the project has %d headnodes; delete them first", u.Headnodes)
	}
	return nil
}

// ProjectNodes lists the project's nodes, sorted.
func (s *Service) ProjectNodes(ctx context.Context, project string) ([]string, error) {
	return s.ofProject(ctx, "project_nodes", project, s.Store.ProjectNodes)
}

// ProjectNetworks lists the networks that name the project in their access list, sorted.
func (s *Service) ProjectNetworks(ctx context.Context, project string) ([]string, error) {
	return s.ofProject(ctx, "project_networks", project, s.Store.ProjectNetworks)
}

// ProjectHeadnodes lists the project's headnodes, sorted.
func (s *Service) ProjectHeadnodes(ctx context.Context, project string) ([]string, error) {
	return s.ofProject(ctx, "project_headnodes", project, s.Store.ProjectHeadnodes)
}

func (s *Service) ofProject(ctx context.Context, call auth.Call, project string, list func(context.Context, int64) ([]string, error)) ([]string, error) {
	p, err := s.Store.Project(ctx, project)
	if err != nil {
		return nil, err
	}
	if err := auth.Check(ctx, call, auth.Of(p.ID)); err != nil {
		return nil, err
	}
	return list(ctx, p.ID)
}

// settlePoll is how often a node that waits for its switches is looked at again.
const settlePoll = 20 * time.Millisecond

// ProjectConnectNode reserves a free node for a project. All its ports must have been seen closed; for ports that were
// cabled a moment ago it waits a little.
func (s *Service) ProjectConnectNode(ctx context.Context, project, node string) error {
	patience := time.NewTimer(s.SettleWait)
	defer patience.Stop()
	for {
		var unsettled bool
		err := s.vacating(ctx, node, console.End{Reason: "node " + node + " was reserved"}, func(l *leaving) (err error) {
			unsettled, err = s.reserve(ctx, project, node, l)
			return err
		})
		if !unsettled {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-patience.C:
			return err
		case <-time.After(settlePoll):
		}
	}
}

// reserve gives the node to the project. unsettled says that all that is in the way is a switch that has not confirmed.
func (s *Service) reserve(ctx context.Context, project, node string, l *leaving) (unsettled bool, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		unsettled = false
		p, err := q.Project(ctx, project)
		if err != nil {
			return err
		}
		if err := auth.Check(ctx, "project_connect_node", auth.Of(p.ID)); err != nil {
			return err
		}
		n, err := q.LockNode(ctx, node)
		if err != nil {
			return err
		}
		if n.ProjectID != 0 {
			return core.Errorf(core.Blocked, "node %s belongs to a project already", node)
		}
		use, err := q.NICUse(ctx, n.ID)
		if err != nil {
			return err
		}
		if use.Unsettled > 0 || use.Leftovers > 0 {
			unsettled = true
			return unconfirmed(n)
		}
		if err := l.leave(ctx, q, n); err != nil {
			return err
		}
		return q.SetNodeProject(ctx, n.ID, 0, p.ID)
	})
	return unsettled, err
}

func unconfirmed(n core.Node) error {
	return core.Errorf(core.Blocked, "a switch has not confirmed yet that the ports of node %s are clear; "+
		"the server keeps trying, so try again later (an administrator sees the switch's error with show_switch)", n.Label)
}

// ProjectDetachNode releases a node: its ports are clear, its consoles are closed, then it has no owner. Forced, which
// is for administrators, a node is released although a switch has not confirmed that its ports are clear; nobody gets
// the node until it has.
func (s *Service) ProjectDetachNode(ctx context.Context, project, node string, force bool) error {
	var held core.Console
	err := s.release(ctx, project, node, force, func(q store.Queries, _ core.Project, n core.Node) (err error) {
		held, err = q.Console(ctx, n.ID)
		return err
	})
	if err != nil {
		return err
	}
	released := console.End{Reason: "node " + node + " was released"}
	if err := s.closeConsole(ctx, held, released); err != nil {
		return err
	}
	s.shutDown(ctx, node, held)
	err = s.vacating(ctx, node, released, func(l *leaving) error {
		return s.release(ctx, project, node, force, func(q store.Queries, p core.Project, n core.Node) error {
			return s.moveOn(ctx, q, p, n, l)
		})
	})
	if err == nil && s.Maintenance.URL != "" {
		s.Notify()
	}
	return err
}

// shutDown turns a node off that is about to be released by the owner in a term, if that is asked for. A controller that
// does not answer does not keep the node from being released.
func (s *Service) shutDown(ctx context.Context, node string, held core.Console) {
	if !s.Maintenance.Shutdown {
		return
	}
	n, c, err := s.Store.NodeConsole(ctx, node)
	if err == nil && (c.NodeID != held.NodeID || c.Term != held.Term) {
		return // somebody else has released it meanwhile
	}
	if err == nil {
		err = s.powerOf(ctx, n, obm.Session.PowerOff)
	}
	if err != nil {
		s.Log.Warn("released node stays on", "node", node, "err", err)
	}
}

// release runs fn in a transaction if the project may let go of the node.
func (s *Service) release(ctx context.Context, project, node string, force bool, fn func(store.Queries, core.Project, core.Node) error) error {
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		p, err := q.Project(ctx, project)
		if err != nil {
			return err
		}
		if err := checkRelease(ctx, p, force); err != nil {
			return err
		}
		n, err := q.LockNode(ctx, node)
		if err != nil {
			return err
		}
		if n.ProjectID != p.ID {
			return core.Errorf(core.NotFound, "node %s is not in project %s", node, project)
		}
		if err := releasable(ctx, q, n, force); err != nil {
			return err
		}
		return fn(q, p, n)
	})
}

func checkRelease(ctx context.Context, p core.Project, force bool) error {
	if err := auth.Check(ctx, "project_detach_node", auth.Of(p.ID)); err != nil || !force {
		return err
	}
	return auth.Check(ctx, "project_force_detach", auth.Nothing)
}

func releasable(ctx context.Context, q store.Queries, n core.Node, force bool) error {
	use, err := q.NICUse(ctx, n.ID)
	switch {
	case err != nil:
		return err
	case use.Attachments > 0:
		return core.Errorf(core.Blocked, "node %s is attached to a network; detach it first", n.Label)
	case use.Pending > 0:
		return core.Errorf(core.Blocked, "node %s has a pending networking action; wait until it has ended", n.Label)
	case use.Leftovers > 0 && !force:
		return unconfirmed(n)
	}
	return nil
}

// moveOn takes the node from its project: to the maintenance project, if there is one, else to nobody.
func (s *Service) moveOn(ctx context.Context, q store.Queries, p core.Project, n core.Node, l *leaving) error {
	if err := l.leave(ctx, q, n); err != nil {
		return err
	}
	if s.Maintenance.Project == "" || s.Maintenance.Project == p.Label {
		return q.SetNodeProject(ctx, n.ID, p.ID, 0)
	}
	next, err := q.Project(ctx, s.Maintenance.Project)
	if err != nil {
		return err
	}
	if err := q.SetNodeProject(ctx, n.ID, p.ID, next.ID); err != nil {
		return err
	}
	return q.CreateNotice(ctx, n.Label, s.Maintenance.URL)
}
