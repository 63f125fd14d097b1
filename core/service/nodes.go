package service

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/store"
)

// NodeList lists the nodes that the filter keeps, sorted.
func (s *Service) NodeList(ctx context.Context, f NodeFilter, p Page) ([]string, error) {
	if err := auth.Check(ctx, "node_list", auth.Nothing); err != nil {
		return nil, err
	}
	return s.Store.NodeLabels(ctx, f.rows(ctx), p.After, p.Limit)
}

// rows is the filter in the store's terms. Notes count on the nodes that the caller may be shown.
func (f NodeFilter) rows(ctx context.Context) store.NodeFilter {
	rows := store.NodeFilter{Free: f.Free, Projects: auth.From(ctx).Projects}
	rows.Everywhere = auth.Check(ctx, "node_list_all_notes", auth.Nothing) == nil
	label, value, given := strings.Cut(f.Metadata, "=")
	rows.Label = label
	if given {
		// The value may be written as JSON or, if it is a string, without its quotes.
		quoted, _ := json.Marshal(value) // a string can always be encoded
		rows.Values = []string{value, string(quoted)}
	}
	return rows
}

// NodeRegister adds a node with its out-of-band controller, whose settings the driver checks, and with notes.
func (s *Service) NodeRegister(ctx context.Context, node string, obm DriverSettings, metadata map[string]json.RawMessage) error {
	if err := auth.Check(ctx, "node_register", auth.Nothing); err != nil {
		return err
	}
	if err := core.CheckNodeLabel("node", node); err != nil {
		return err
	}
	if _, err := s.Store.Node(ctx, node); core.KindOf(err) != core.NotFound {
		return exists("node", node, err)
	}
	settings, err := s.checkOBM(ctx, node, obm)
	if err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		n := core.Node{Label: node, OBMType: obm.Type, OBMSettings: settings, OBMEnabled: true}
		if err := q.CreateNode(ctx, &n); err != nil {
			return err
		}
		return putAll(ctx, q, n, metadata)
	})
}

// exists is the Duplicate error of an object that was found, or the error that kept it from being found.
func exists(noun, label string, err error) error {
	if err != nil {
		return err
	}
	return core.Errorf(core.Duplicate, "%s %q exists already", noun, label)
}

func (s *Service) checkOBM(ctx context.Context, node string, obm DriverSettings) (core.Settings, error) {
	driver, err := s.Drivers.OBM(obm.Type)
	if err != nil {
		return "", unknownType("obm.type", "obm", err)
	}
	settings, err := obm.encode()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, checkDeadline)
	defer cancel()
	return settings, driverError("obm", driver.ValidateTarget(ctx, target(node, obm.Type, settings)))
}

func putAll(ctx context.Context, q store.Queries, n core.Node, metadata map[string]json.RawMessage) error {
	for label, value := range metadata {
		if err := core.CheckLabel("metadata", label); err != nil {
			return err
		}
		if err := q.PutMetadata(ctx, core.Metadata{NodeID: n.ID, Label: label, Value: string(value)}); err != nil {
			return err
		}
	}
	return nil
}

// NodeDelete removes a free node without NICs.
func (s *Service) NodeDelete(ctx context.Context, node string) error {
	if err := auth.Check(ctx, "node_delete", auth.Nothing); err != nil {
		return err
	}
	var gone core.Console
	err := s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		n, err := q.LockNode(ctx, node)
		if err != nil {
			return err
		}
		if n.ProjectID != 0 {
			return core.Errorf(core.Blocked, "node %s is part of a project; detach it first", node)
		}
		use, err := q.NICUse(ctx, n.ID)
		if err != nil {
			return err
		}
		if use.NICs > 0 {
			return core.Errorf(core.Blocked, "node %s has %d NICs; delete them first", node, use.NICs)
		}
		if gone, err = q.Console(ctx, n.ID); err != nil {
			return err
		}
		return q.DeleteNode(ctx, n.ID)
	})
	if err == nil {
		s.Consoles.Forget(gone, console.End{Reason: "node " + node + " was deleted"})
	}
	return err
}

// NodeShow tells of a node. A free one is for everybody to see.
func (s *Service) NodeShow(ctx context.Context, node string) (Node, error) {
	n, err := s.Store.NodeInfo(ctx, node)
	if err != nil {
		return Node{}, err
	}
	if err := auth.Check(ctx, "node_show", auth.Object{Projects: []int64{n.ProjectID}, Open: n.ProjectID == 0}); err != nil {
		return Node{}, err
	}
	nics, err := s.Store.NICDetails(ctx, n.ID)
	if err != nil {
		return Node{}, err
	}
	notes, err := s.Store.Metadata(ctx, n.ID)
	if err != nil {
		return Node{}, err
	}
	shown := Node{Name: n.Label, Project: n.Project, NICs: foldNICs(nics), Metadata: map[string]string{}}
	for _, m := range notes {
		shown.Metadata[m.Label] = m.Value
	}
	shown.Cabling = auth.Check(ctx, "node_show_cabling", auth.Nothing) == nil
	return shown, nil
}

// foldNICs makes one NIC of the rows that are one NIC's networks. The rows are sorted by NIC.
func foldNICs(rows []store.NICDetail) []NIC {
	nics := []NIC{}
	for _, r := range rows {
		if len(nics) == 0 || nics[len(nics)-1].Label != r.Label {
			nics = append(nics, NIC{Label: r.Label, MACAddr: r.MACAddr, Networks: map[string]string{}, Port: r.Port, Switch: r.Switch})
		}
		if r.Network != "" {
			nics[len(nics)-1].Networks[r.Channel] = r.Network
		}
	}
	return nics
}

// NodeSetMetadata puts a note on a node, or replaces it. The value is any JSON.
func (s *Service) NodeSetMetadata(ctx context.Context, node, label string, value json.RawMessage) error {
	if err := auth.Check(ctx, "node_set_metadata", auth.Nothing); err != nil {
		return err
	}
	n, err := s.Store.Node(ctx, node)
	if err != nil {
		return err
	}
	return putAll(ctx, s.Store.Queries, n, map[string]json.RawMessage{label: value})
}

// NodeDeleteMetadata removes a note from a node.
func (s *Service) NodeDeleteMetadata(ctx context.Context, node, label string) error {
	if err := auth.Check(ctx, "node_delete_metadata", auth.Nothing); err != nil {
		return err
	}
	n, err := s.Store.Node(ctx, node)
	if err != nil {
		return err
	}
	return s.Store.DeleteMetadata(ctx, n.ID, label)
}
