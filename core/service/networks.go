package service

import (
	"context"
	"slices"
	"strconv"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
)

// adminOwner is the word that stands for the administrators where a network's owner is named.
const adminOwner = "admin"

// NetworkCreate adds a network. A project's own network is private to it and gets a VLAN from the pool. An
// administrator (owner "admin") may open it to everybody or to projects, and may choose its VLAN, netID.
func (s *Service) NetworkCreate(ctx context.Context, network, owner string, access Access, netID string) error {
	if err := core.CheckLabel("network", network); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		if _, err := q.Network(ctx, network); core.KindOf(err) != core.NotFound {
			return exists("network", network, err)
		}
		n := core.Network{Label: network, Public: access.Public}
		projects, err := networkParties(ctx, q, &n, owner, access, netID)
		if err != nil {
			return err
		}
		if err := s.chooseVLAN(ctx, q, &n, netID); err != nil {
			return err
		}
		if err := q.CreateNetwork(ctx, &n); err != nil {
			return err
		}
		return grantAll(ctx, q, n, projects)
	})
}

// networkParties checks who owns the network and who may use it, in the order clients rely on. It sets the owner and
// answers the projects for the access list.
func networkParties(ctx context.Context, q store.Queries, n *core.Network, owner string, access Access, netID string) ([]core.Project, error) {
	if owner != adminOwner {
		return ownNetwork(ctx, q, n, owner, access, netID)
	}
	if err := auth.Check(ctx, "network_create_as_admin", auth.Nothing); err != nil {
		return nil, err
	}
	projects := make([]core.Project, 0, len(access.Projects))
	for _, label := range slices.Compact(slices.Sorted(slices.Values(access.Projects))) {
		p, err := q.Project(ctx, label)
		if err != nil {
			return nil, err
		}
		projects = append(projects, p)
	}
	return projects, nil
}

func ownNetwork(ctx context.Context, q store.Queries, n *core.Network, owner string, access Access, netID string) ([]core.Project, error) {
	p, err := q.Project(ctx, owner)
	if err != nil {
		return nil, err
	}
	if err := auth.Check(ctx, "network_create", auth.Of(p.ID)); err != nil {
		return nil, err
	}
	if access.Public || len(access.Projects) != 1 || access.Projects[0] != owner {
		return nil, core.FieldErrorf(core.BadArgument, "access", "a project's network is for the project alone; give %q, and grant access later", owner)
	}
	if netID != "" {
		return nil, core.FieldErrorf(core.BadArgument, "net_id", "only an administrator may choose the VLAN; leave it empty")
	}
	n.OwnerID = p.ID
	return []core.Project{p}, nil
}

func grantAll(ctx context.Context, q store.Queries, n core.Network, projects []core.Project) error {
	for _, p := range projects {
		if err := q.GrantAccess(ctx, n.ID, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// chooseVLAN gives the network the VLAN asked for, or the lowest free one of the pool. A VLAN that some port may still
// carry is not free.
func (s *Service) chooseVLAN(ctx context.Context, q store.Queries, n *core.Network, netID string) error {
	if err := q.LockPool(ctx); err != nil {
		return err
	}
	taken, err := q.TakenVLANs(ctx)
	if err != nil {
		return err
	}
	if netID != "" {
		n.VLAN, err = givenVLAN(netID, taken)
		return err
	}
	for v := range s.Pool.All() {
		if !taken[v] {
			n.VLAN, n.Allocated = v, true
			return nil
		}
	}
	return core.Errorf(core.Exhausted, "no more networks: every VLAN of the pool is in use; delete a network, or ask the administrator for a larger pool")
}

func givenVLAN(netID string, taken map[int]bool) (int, error) {
	v, err := strconv.Atoi(netID)
	if err != nil || v < core.MinVLAN || v > core.MaxVLAN {
		return 0, core.FieldErrorf(core.BadArgument, "net_id", "must be a VLAN id from %d to %d, or empty to take one from the pool", core.MinVLAN, core.MaxVLAN)
	}
	if taken[v] {
		return 0, core.FieldErrorf(core.Duplicate, "net_id", "VLAN %d is in use by another network, or a port may still carry it; choose another", v)
	}
	return v, nil
}

// NetworkDelete removes a network that nothing is on. Its VLAN is used again only when every port was seen without it.
func (s *Service) NetworkDelete(ctx context.Context, network string) error {
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		n, err := q.LockNetwork(ctx, network)
		if err != nil {
			return err
		}
		if err := auth.Check(ctx, "network_delete", auth.Of(n.OwnerID)); err != nil {
			return err
		}
		use, err := q.NetworkUse(ctx, n.ID)
		if err != nil {
			return err
		}
		if err := deserted(network, use); err != nil {
			return err
		}
		return q.DeleteNetwork(ctx, n.ID)
	})
}

func deserted(network string, u store.NetworkUse) error {
	switch {
	case u.Attachments > 0:
		return core.Errorf(core.Blocked, "network %s has %d NICs on it; detach them first", network, u.Attachments)
	case u.HNICs > 0:
		return core.Errorf(core.Blocked, "network %s has %d headnode NICs on it; detach them or delete the headnodes first", network, u.HNICs)
	case u.Debt != nil:
		return owed(network, *u.Debt)
	case u.Pending > 0:
		return core.Errorf(core.Blocked, "network %s has pending networking actions; wait until they have ended", network)
	case u.Leftovers > 0:
		return core.Errorf(core.Blocked, "a switch has not confirmed yet that %d ports of the project are off network %s; "+
			"the server keeps trying, so try again later", u.Leftovers, network)
	}
	return nil
}

// NetworkShow tells of a network, to those who have access to it.
func (s *Service) NetworkShow(ctx context.Context, network string) (Network, error) {
	n, err := s.Store.Network(ctx, network)
	if err != nil {
		return Network{}, err
	}
	projects, err := s.Store.Accesses(ctx, n.ID)
	if err != nil {
		return Network{}, err
	}
	readers := auth.Object{Projects: append(ids(projects), n.OwnerID), Open: n.Public}
	if err := auth.Check(ctx, "network_show", readers); err != nil {
		return Network{}, err
	}
	owner, err := s.ownerLabel(ctx, n)
	if err != nil {
		return Network{}, err
	}
	shown := Network{Name: n.Label, Channels: n.Channels(), Owner: owner, Public: n.Public, Access: labels(projects)}
	shown.ConnectedNodes, err = s.connectedNodes(ctx, n)
	return shown, err
}

func (s *Service) ownerLabel(ctx context.Context, n core.Network) (string, error) {
	if n.OwnerID == 0 {
		return adminOwner, nil
	}
	p, err := s.Store.ProjectByID(ctx, n.OwnerID)
	return p.Label, err
}

// connectedNodes are the nodes on the network by the NICs they are on it with: all of them for the owner, else the
// caller's own.
func (s *Service) connectedNodes(ctx context.Context, n core.Network) (map[string][]string, error) {
	nics, err := s.Store.AttachedNICs(ctx, n.ID)
	if err != nil {
		return nil, err
	}
	all := auth.Check(ctx, "network_show_all_nodes", auth.Of(n.OwnerID)) == nil
	nodes := map[string][]string{}
	for _, i := range nics {
		if all || auth.From(ctx).MemberOf(i.ProjectID) {
			nodes[i.Node] = append(nodes[i.Node], i.NIC)
		}
	}
	return nodes, nil
}

func ids(projects []core.Project) []int64 {
	found := make([]int64, 0, len(projects)+1)
	for _, p := range projects {
		found = append(found, p.ID)
	}
	return found
}

func labels(projects []core.Project) []string {
	found := make([]string, 0, len(projects))
	for _, p := range projects {
		found = append(found, p.Label)
	}
	return found
}

// NetworkList lists the networks the caller may connect to, sorted; all of them for administrators.
func (s *Service) NetworkList(ctx context.Context) ([]NetworkSummary, error) {
	if err := auth.Check(ctx, "network_list", auth.Nothing); err != nil {
		return nil, err
	}
	rows, err := s.Store.NetworkAccessRows(ctx)
	if err != nil {
		return nil, err
	}
	all := auth.Check(ctx, "network_list_all", auth.Nothing) == nil
	me := auth.From(ctx)
	found := []NetworkSummary{}
	for _, group := range byNetwork(rows) {
		visible := all || group[0].Public || slices.ContainsFunc(group, func(r store.NetworkAccessRow) bool { return me.MemberOf(r.ProjectID) })
		if visible {
			found = append(found, summary(group))
		}
	}
	return found, nil
}

// byNetwork groups rows that are sorted by network.
func byNetwork(rows []store.NetworkAccessRow) [][]store.NetworkAccessRow {
	var groups [][]store.NetworkAccessRow
	for i, r := range rows {
		if i == 0 || rows[i-1].ID != r.ID {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], r)
	}
	return groups
}

func summary(group []store.NetworkAccessRow) NetworkSummary {
	n := NetworkSummary{Name: group[0].Label, VLAN: group[0].VLAN, Public: group[0].Public, Projects: []string{}}
	for _, r := range group {
		if r.Project != "" {
			n.Projects = append(n.Projects, r.Project)
		}
	}
	return n
}

// NetworkGrantAccess lets one more project connect to a network.
func (s *Service) NetworkGrantAccess(ctx context.Context, network, project string) error {
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		n, p, err := networkAndProject(ctx, q, network, project)
		if err != nil {
			return err
		}
		if err := auth.Check(ctx, "network_grant_access", auth.Of(n.OwnerID)); err != nil {
			return err
		}
		return q.GrantAccess(ctx, n.ID, p.ID)
	})
}

// NetworkRevokeAccess takes a project's access back, once it has nothing on the network. A network whose last project
// is revoked stays closed.
func (s *Service) NetworkRevokeAccess(ctx context.Context, network, project string) error {
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		n, p, err := networkAndProject(ctx, q, network, project)
		if err != nil {
			return err
		}
		if err := auth.Check(ctx, "network_revoke_access", auth.Object{Projects: []int64{n.OwnerID, p.ID}}); err != nil {
			return err
		}
		if err := revocable(ctx, q, n, p); err != nil {
			return err
		}
		return q.RevokeAccess(ctx, n.ID, p.ID)
	})
}

func networkAndProject(ctx context.Context, q store.Queries, network, project string) (core.Network, core.Project, error) {
	n, err := q.LockNetwork(ctx, network)
	if err != nil {
		return core.Network{}, core.Project{}, err
	}
	p, err := q.Project(ctx, project)
	return n, p, err
}

func revocable(ctx context.Context, q store.Queries, n core.Network, p core.Project) error {
	listed, err := q.HasAccess(ctx, core.Network{ID: n.ID}, p.ID)
	switch {
	case err != nil:
		return err
	case !listed:
		return core.Errorf(core.NotFound, "project %s is not on the access list of network %s", p.Label, n.Label)
	case n.OwnerID == p.ID:
		return core.Errorf(core.Blocked, "project %s owns network %s and keeps its access", p.Label, n.Label)
	}
	use, err := q.ProjectUseOfNetwork(ctx, n.ID, p.ID)
	if err != nil {
		return err
	}
	if n.Public {
		return nil
	}
	return deserted(n.Label, use)
}

// NetworkAttachments lists the nodes on a network, sorted; with a project, those of the project.
func (s *Service) NetworkAttachments(ctx context.Context, network, project string) ([]Attachment, error) {
	n, err := s.Store.Network(ctx, network)
	if err != nil {
		return nil, err
	}
	readers := auth.Of(n.OwnerID)
	if project != "" {
		p, err := s.Store.Project(ctx, project)
		if err != nil {
			return nil, err
		}
		if readers, err = s.withProject(ctx, readers, n, p); err != nil {
			return nil, err
		}
	}
	if err := auth.Check(ctx, "network_attachments", readers); err != nil {
		return nil, err
	}
	return s.attachments(ctx, n, project)
}

// withProject adds the project to the readers if the network lists it.
func (s *Service) withProject(ctx context.Context, readers auth.Object, n core.Network, p core.Project) (auth.Object, error) {
	listed, err := s.Store.HasAccess(ctx, core.Network{ID: n.ID}, p.ID)
	if listed {
		readers.Projects = append(readers.Projects, p.ID)
	}
	return readers, err
}

func (s *Service) attachments(ctx context.Context, n core.Network, project string) ([]Attachment, error) {
	nics, err := s.Store.AttachedNICs(ctx, n.ID)
	if err != nil {
		return nil, err
	}
	found := []Attachment{}
	for _, i := range nics {
		if project == "" || i.Project == project {
			found = append(found, Attachment{Node: i.Node, NIC: i.NIC, Channel: i.Channel, Project: i.Project})
		}
	}
	return found, nil
}
