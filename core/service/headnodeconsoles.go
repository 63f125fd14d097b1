package service

import (
	"context"
	"errors"
	"io"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// HeadnodeConsoleShow opens a view of a headnode's serial console, as NodeConsoleShow does of a node's. It ends with the
// headnode's machine.
func (s *Service) HeadnodeConsoleShow(ctx context.Context, label string, want console.Want) (*console.Viewer, error) {
	h, server, err := s.watchableHeadnode(ctx, "headnode_console", label)
	if err != nil {
		return nil, err
	}
	want.Name = auth.From(ctx).Name
	want.Allowed = s.stillHeadnode(ctx, "headnode_console", h)
	v, err := s.Consoles.ViewHeadnode(ctx, h, server, want)
	return v, driverError("headnode", err)
}

// HeadnodeConsoleShowRemembered is what is remembered of a headnode's console: its last lines, all there are if tail is
// console.All. It opens nothing.
func (s *Service) HeadnodeConsoleShowRemembered(ctx context.Context, label string, tail int) ([]byte, error) {
	h, server, err := s.watchableHeadnode(ctx, "headnode_console", label)
	if err != nil {
		return nil, err
	}
	return s.Consoles.RecallHeadnode(ctx, h, server, tail)
}

// HeadnodeVNC opens a headnode's screen: the bytes of the remote framebuffer protocol, until the machine is switched off,
// the caller may not see it any more, or ctx ends.
func (s *Service) HeadnodeVNC(ctx context.Context, label string) (io.ReadWriteCloser, error) {
	h, _, err := s.watchableHeadnode(ctx, "headnode_vnc", label)
	if err != nil {
		return nil, err
	}
	v, err := s.Screens.Open(ctx, h.ID, s.stillHeadnode(ctx, "headnode_vnc", h), func(ctx context.Context) (io.ReadWriteCloser, error) {
		return openOnHost(ctx, s.Drivers, s.Headnodes, h, func(host headnode.Session) (io.ReadWriteCloser, error) {
			if v, ok := host.(headnode.Screener); ok {
				return v.Screen(ctx, h.MachineID())
			}
			return nil, &sdk.Error{Code: sdk.Unsupported, Text: "the headnode's host hands out no screens"}
		})
	})
	if err != nil {
		return nil, driverError("headnode", err)
	}
	return v, nil
}

// HeadnodeVNCPage is for the page that shows a headnode's screen: nil if the caller may see it. The page itself tells what
// else is in the way.
func (s *Service) HeadnodeVNCPage(ctx context.Context, label string) error {
	_, err := s.ownedHeadnode(ctx, "headnode_vnc", label)
	return err
}

// watchableHeadnode finds a headnode that the caller may watch, and the server that has its console open.
func (s *Service) watchableHeadnode(ctx context.Context, call auth.Call, label string) (core.Headnode, string, error) {
	h, server, err := s.Store.HeadnodeConsole(ctx, label)
	if err != nil {
		return h, "", err
	}
	if err := auth.Check(ctx, call, auth.Of(h.ProjectID)); err != nil {
		return h, "", err
	}
	if s.DryRun {
		return h, "", core.Errorf(core.Blocked, "this server makes a dry run: there is nothing to show")
	}
	if !h.Frozen {
		return h, "", core.Errorf(core.Blocked, "headnode %s was never started; start it first", label)
	}
	return h, server, nil
}

// stillHeadnode refuses a viewer who has lost the permission since, or whose headnode was deleted.
func (s *Service) stillHeadnode(ctx context.Context, call auth.Call, h core.Headnode) func(context.Context) error {
	caller := auth.From(ctx)
	return func(ctx context.Context) error {
		if err := s.stillThere(ctx, h); err != nil {
			return err
		}
		return s.stillAllowed(ctx, caller, call, h.ProjectID)
	}
}

// endHeadnode ends all who watch a headnode that is deleted. Other servers notice by themselves.
func (s *Service) endHeadnode(h core.Headnode) {
	s.Consoles.ForgetHeadnode(h.ID, console.End{Reason: "headnode " + h.Label + " was deleted"})
	s.Screens.End(h.ID)
}

// HeadnodeConsoleOpener opens the serial lines of headnodes on a host. Closing a line closes the session under it.
func HeadnodeConsoleOpener(d Drivers, on HeadnodeConfig) console.HeadnodeOpener {
	return func(ctx context.Context, h core.Headnode, take bool) (io.ReadWriteCloser, error) {
		line, err := openOnHost(ctx, d, on, h, func(host headnode.Session) (io.ReadWriteCloser, error) {
			if take {
				if t, ok := host.(headnode.ConsoleTaker); ok {
					return t.TakeConsole(ctx, h.MachineID())
				}
				return nil, &sdk.Error{Code: sdk.Unsupported, Text: "the headnode's host cannot take its console from another holder"}
			}
			if c, ok := host.(headnode.Consoler); ok {
				return c.Console(ctx, h.MachineID())
			}
			return nil, &sdk.Error{Code: sdk.Unsupported, Text: "the headnode's host has no serial consoles"}
		})
		return line, driverError("headnode", err)
	}
}

// openOnHost opens a stream on the host that has a headnode's machine.
func openOnHost(ctx context.Context, d Drivers, on HeadnodeConfig, h core.Headnode,
	open func(headnode.Session) (io.ReadWriteCloser, error),
) (io.ReadWriteCloser, error) {
	where, err := on.locate(ctx, d, h)
	if err != nil {
		return nil, err
	}
	host, err := on.open(ctx, d, where)
	if err != nil {
		return nil, err
	}
	stream, err := open(host)
	if err != nil {
		return nil, errors.Join(err, host.Close())
	}
	return &hostStream{stream, host}, nil
}

// hostStream is a stream together with the session it was opened on.
type hostStream struct {
	io.ReadWriteCloser
	host headnode.Session
}

// Close closes both.
func (v *hostStream) Close() error { return errors.Join(v.ReadWriteCloser.Close(), v.host.Close()) }
