package service

import (
	"context"
	"fmt"
	"slices"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// HeadnodeHost is a host of headnodes.
type HeadnodeHost struct {
	// Name tells it apart from others: its URI. It is empty for the one host that there is.
	Name string
	// Settings is its JSON object of settings.
	Settings string
	// Capacity is how much memory headnodes may have there, in MiB; 0 if that is all it has.
	Capacity int64
}

// All are the hosts there are, one or several.
func (c HeadnodeConfig) All() []HeadnodeHost {
	if len(c.Hosts) > 0 {
		return c.Hosts
	}
	return []HeadnodeHost{{Settings: c.Settings}}
}

// Target is a host, for its driver.
func (c HeadnodeConfig) Target(h HeadnodeHost) sdk.Target {
	name := h.Name
	if name == "" {
		name = "headnodes"
	}
	return sdk.Target{Name: name, Type: c.Type, Settings: sdk.Settings(h.Settings)}
}

// mayHave are the hosts on which a machine may be that was placed on the named one: that one, if it is still known. What was
// made when there was one host without a name may be on any of several.
func (c HeadnodeConfig) mayHave(name string) ([]HeadnodeHost, error) {
	all := c.All()
	if name == "" {
		return all, nil
	}
	if len(c.Hosts) == 0 && name == c.URI {
		return all, nil
	}
	if i := slices.IndexFunc(all, func(h HeadnodeHost) bool { return h.Name == name }); i >= 0 {
		return all[i : i+1], nil
	}
	return nil, &core.Error{
		Kind: core.Unavailable, Device: "headnode",
		Text: fmt.Sprintf("host %s, on which the headnode is, is not in the configuration any more; put it back under [headnode], or if it has "+
			"another URI there, say so with: haas headnode rename-host", name),
	}
}

// open opens a session with a host.
func (c HeadnodeConfig) open(ctx context.Context, d Drivers, h HeadnodeHost) (headnode.Session, error) {
	if c.Type == "" {
		return nil, &core.Error{Kind: core.Unavailable, Device: "headnode", Text: "this server has no host for headnodes"}
	}
	driver, err := d.Headnode(c.Type)
	if err != nil {
		return nil, err
	}
	return driver.Open(ctx, c.Target(h))
}

// on runs do on a host.
func (c HeadnodeConfig) on(ctx context.Context, d Drivers, h HeadnodeHost, do func(context.Context, headnode.Session) error) error {
	ctx, cancel := context.WithTimeout(ctx, hostDeadline)
	defer cancel()
	host, err := c.open(ctx, d, h)
	if err != nil {
		return err
	}
	defer func() { _ = host.Close() }() // what was done is done
	return do(ctx, host)
}

// locate finds the host that has a headnode's machine. Only if that was made when there was one host without a name, and now
// there are several, these are asked.
func (c HeadnodeConfig) locate(ctx context.Context, d Drivers, n core.Headnode) (HeadnodeHost, error) {
	hosts, err := c.mayHave(n.Host)
	if err != nil {
		return HeadnodeHost{}, err
	}
	if len(hosts) == 1 {
		return hosts[0], nil
	}
	var failure error
	for _, h := range hosts {
		err := c.on(ctx, d, h, func(ctx context.Context, s headnode.Session) error { return drop(s.State(ctx, n.MachineID())) })
		if err == nil {
			return h, nil
		}
		if failure == nil || sdk.CodeOf(err) != sdk.NotFound {
			failure = err
		}
	}
	return HeadnodeHost{}, failure
}

func drop[T any](_ T, err error) error { return err }

// onHost runs a call against the host that has a headnode's machine.
func (s *Service) onHost(ctx context.Context, h core.Headnode, do func(context.Context, headnode.Session) error) error {
	host, err := s.Headnodes.locate(ctx, s.Drivers, h)
	if err != nil {
		return driverError("headnode", err)
	}
	return driverError("headnode", s.Headnodes.on(ctx, s.Drivers, host, do))
}
