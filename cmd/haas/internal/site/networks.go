package site

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

func notFound(err error) bool {
	e, ok := errors.AsType[*remote.StatusError](err)
	return ok && e.Status == http.StatusNotFound
}

func (p *planner) projects(ctx context.Context) error {
	names, err := remote.Read[[]string](p.server.ProjectList(ctx, nil))
	if err != nil {
		return err
	}
	for _, project := range p.site.Projects {
		if slices.Contains(names, project.Text) {
			continue
		}
		p.add(func(ctx context.Context) error {
			return remote.Done(p.server.ProjectCreate(ctx, project.Text))
		}, "project %s", project)
	}
	return nil
}

// networks adds networks, and access to those there are.
func (p *planner) networks(ctx context.Context) error {
	all, err := remote.Read[map[string]client.NetworkSummary](p.server.NetworkList(ctx))
	if err != nil {
		return err
	}
	for _, n := range p.site.Networks {
		summary, found := all[n.Name.Text]
		if !found {
			p.add(func(ctx context.Context) error { return p.createNetwork(ctx, n) }, "network %s of %s", n.Name, n.Owner)
			p.grant(n, n.grants(), nil)
			continue
		}
		has, err := remote.Read[client.Network](p.server.NetworkShow(ctx, n.Name.Text))
		if err != nil {
			return err
		}
		p.compareNetwork(n, has, summary.NetworkID)
	}
	return nil
}

// first is who a network is created for, empty for everybody; grants are the others. The API creates a network for
// one project, and lets the others in afterwards.
func (n Network) first() string {
	switch {
	case n.Public:
		return ""
	case n.Owner.Text != administrator:
		return n.Owner.Text
	default:
		return n.Access[0].Text
	}
}

func (n Network) grants() []Label {
	return slices.DeleteFunc(slices.Clone(n.Access), func(l Label) bool { return l.Text == n.first() })
}

func (p *planner) createNetwork(ctx context.Context, n Network) error {
	body := client.NetworkCreation{Owner: n.Owner.Text, NetID: n.NetID.Text}
	if err := body.Access.FromNetworkCreationAccess0(n.first()); err != nil {
		return err
	}
	return remote.Done(p.server.NetworkCreate(ctx, n.Name.Text, body))
}

func (p *planner) compareNetwork(n Network, has client.Network, netID string) {
	switch public := has.Access == nil; {
	case has.Owner != n.Owner.Text:
		p.conflict(n.Owner, "network %s belongs to %s on the server; mend the file, or delete the network first", n.Name, has.Owner)
	case public != n.Public:
		p.conflict(n.Name, "network %s is public either in the file or on the server; mend the file, or delete the network first", n.Name)
	case !n.NetID.IsZero() && n.NetID.Text != netID:
		p.conflict(n.NetID, "network %s has the net_id %s on the server; mend the file, or delete the network first", n.Name, netID)
	case !public:
		p.grant(n, n.Access, *has.Access)
	}
}

// grant adds the access that is missing.
func (p *planner) grant(n Network, wanted []Label, has []string) {
	for _, project := range wanted {
		if slices.Contains(has, project.Text) {
			continue
		}
		p.add(func(ctx context.Context) error {
			return remote.Done(p.server.NetworkGrantAccess(ctx, n.Name.Text, project.Text))
		}, "access of project %s to network %s", project, n.Name)
	}
}
