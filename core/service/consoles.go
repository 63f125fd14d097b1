package service

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

const (
	// vacateWait is how long a change of owner waits for other servers to close the node's console: they look every
	// second, and a dead one's claim is void after ten.
	vacateWait = 15 * time.Second
	// vacatePoll is how often it looks whether they have.
	vacatePoll = 50 * time.Millisecond
	// barred is for how long nobody opens a console that is being closed: longer than it takes another server to look.
	barred = 3 * time.Second
)

// NodeConsoleShow opens a view of a node's serial console: the last lines, then whatever comes, until the viewer is
// closed, the node changes hands, or ctx ends. Of want it uses Tail, Resume and Take.
func (s *Service) NodeConsoleShow(ctx context.Context, node string, want console.Want) (*console.Viewer, error) {
	n, c, err := s.watchable(ctx, node)
	if err != nil {
		return nil, err
	}
	caller := auth.From(ctx)
	want.Name = caller.Name
	want.Allowed = func(ctx context.Context) error { return s.stillAllowed(ctx, caller, "node_console", n.ProjectID) }
	v, err := s.Consoles.View(ctx, n, c, want)
	return v, driverError("obm", err)
}

// NodeConsoleShowRemembered is what is remembered of a node's console: its last lines, all there are if tail is console.All. It
// opens nothing.
func (s *Service) NodeConsoleShowRemembered(ctx context.Context, node string, tail int) ([]byte, error) {
	n, c, err := s.watchable(ctx, node)
	if err != nil {
		return nil, err
	}
	return s.Consoles.Recall(ctx, n, c, tail)
}

// watchable is reachable for calls on the node's console.
func (s *Service) watchable(ctx context.Context, node string) (core.Node, core.Console, error) {
	n, c, err := s.Store.NodeConsole(ctx, node)
	if err != nil {
		return n, c, err
	}
	if err := auth.Check(ctx, "node_console", auth.Of(n.ProjectID)); err != nil {
		return n, c, err
	}
	if !n.OBMEnabled {
		return n, c, disabled(node)
	}
	if s.DryRun {
		return n, c, core.Errorf(core.Blocked, "this server makes a dry run: there is no console to show")
	}
	return n, c, nil
}

// stillAllowed refuses a viewer who has lost the permission since. Somebody else with the same name has another ID.
func (s *Service) stillAllowed(ctx context.Context, caller auth.Caller, call auth.Call, project int64) error {
	if !s.Accounts {
		return nil
	}
	rows, err := s.Store.Memberships(ctx, caller.Name)
	if err != nil {
		return err
	}
	now := auth.Caller{ID: caller.ID, Name: caller.Name}
	for _, r := range rows {
		if r.ID == caller.ID {
			now.Admin = r.IsAdmin
			now.Projects = append(now.Projects, r.ProjectID)
		}
	}
	return auth.Check(auth.With(ctx, now), call, auth.Of(project))
}

// ConsoleOpener opens serial lines through the drivers. Closing a line closes the session under it.
func ConsoleOpener(d Drivers) console.Opener {
	return func(ctx context.Context, n core.Node, take bool) (io.ReadWriteCloser, error) {
		o, err := openOBM(ctx, d, n)
		if err != nil {
			return nil, driverError("obm", err)
		}
		line, err := serial(ctx, o, take)
		if err != nil {
			return nil, driverError("obm", errors.Join(err, o.Close()))
		}
		return &serialLine{line, o}, nil
	}
}

func serial(ctx context.Context, o obm.Session, take bool) (io.ReadWriteCloser, error) {
	if take {
		if t, ok := o.(obm.ConsoleTaker); ok {
			return t.TakeConsole(ctx)
		}
		return nil, &sdk.Error{Code: sdk.Unsupported, Text: "the node's controller cannot take its console from another holder"}
	}
	c, ok := o.(obm.Consoler)
	if !ok {
		return nil, &sdk.Error{Code: sdk.Unsupported, Text: "the node's controller has no serial console"}
	}
	return c.Console(ctx)
}

// serialLine is a console together with the session it was opened on.
type serialLine struct {
	io.ReadWriteCloser
	session obm.Session
}

// Close closes both.
func (l *serialLine) Close() error {
	return errors.Join(l.ReadWriteCloser.Close(), l.session.Close())
}

// NodeConsoleStart answers clients that start a console before they show it; showing starts it.
func (s *Service) NodeConsoleStart(ctx context.Context, node string) error {
	_, err := s.reachable(ctx, "node_console", node)
	return err
}

// NodeConsoleShowPage is for the page that shows a console: nil if the caller may see it. The page itself tells what else is
// in the way.
func (s *Service) NodeConsoleShowPage(ctx context.Context, node string) error {
	_, err := s.ownedNode(ctx, "node_console", node)
	return err
}

// NodeConsoleStop closes a node's console for all its viewers, and forgets what it printed. A log that is kept begins
// anew.
func (s *Service) NodeConsoleStop(ctx context.Context, node string) error {
	n, c, err := s.Store.NodeConsole(ctx, node)
	if err != nil {
		return err
	}
	if err := auth.Check(ctx, "node_console", auth.Of(n.ProjectID)); err != nil {
		return err
	}
	s.Consoles.Forget(c, console.End{Reason: "the console of node " + node + " was closed"})
	if err := s.Store.CloseConsole(ctx, c, barred.Milliseconds()); err != nil {
		return err
	}
	return s.Store.ForgetConsole(ctx, c)
}

// NodeConsoleLog tells of the log of a node's console.
func (s *Service) NodeConsoleLog(ctx context.Context, node string) (ConsoleLog, error) {
	n, c, err := s.Store.NodeConsole(ctx, node)
	if err != nil {
		return ConsoleLog{}, err
	}
	if err := auth.Check(ctx, "node_console", auth.Of(n.ProjectID)); err != nil || c.LogID == "" {
		return ConsoleLog{}, err
	}
	log, err := s.Consoles.LogOf(ctx, n, c)
	return ConsoleLog{Enabled: true, Log: log}, err
}

// NodeSetConsoleLog begins to keep what a node's console prints while nobody watches, or ends that and removes the log. The
// log ends with the project's ownership of the node.
func (s *Service) NodeSetConsoleLog(ctx context.Context, node string, enabled bool) error {
	if s.DryRun {
		return core.Errorf(core.Blocked, "this server makes a dry run: there is no console to keep")
	}
	c, err := s.setConsoleLog(ctx, node, enabled)
	if err != nil {
		return err
	}
	if !enabled {
		s.Consoles.StopLog(c)
	}
	s.Consoles.Look()
	return nil
}

func (s *Service) setConsoleLog(ctx context.Context, node string, enabled bool) (c core.Console, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		n, err := q.LockNode(ctx, node)
		if err != nil {
			return err
		}
		if err := auth.Check(ctx, "node_console", auth.Of(n.ProjectID)); err != nil {
			return err
		}
		c, err = q.Console(ctx, n.ID)
		if err != nil || enabled == (c.LogID != "") {
			return err
		}
		id := ""
		if enabled {
			id = console.NewLogID()
		}
		return q.SetConsoleLog(ctx, n.ID, id)
	})
	return c, err
}

// vacating does what gives a node another owner. Nobody gets it while its console is open, or while its controller is at
// work for the owner before: the console is closed first, on whatever server it is, and not opened meanwhile.
func (s *Service) vacating(ctx context.Context, node string, why console.End, do func(*leaving) error) error {
	patience := time.NewTimer(vacateWait)
	defer patience.Stop()
	l := s.calls.leave(node)
	defer l.end()
	for {
		err := do(l)
		switch {
		case errors.Is(err, store.ErrConsoleOpen):
			if err := s.closeConsole(ctx, l.console, why); err != nil {
				return err
			}
		case !errors.Is(err, errAtWork):
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-patience.C:
			return err
		case <-time.After(vacatePoll):
		}
	}
}

// closeConsole closes a node's console here, asks for that elsewhere, and lets nobody open it for a while. What it printed
// is forgotten. Nothing happens to the console of a later owner.
func (s *Service) closeConsole(ctx context.Context, c core.Console, why console.End) error {
	err := s.Store.BarConsole(ctx, c, barred.Milliseconds())
	s.Consoles.Forget(c, why)
	return err
}
