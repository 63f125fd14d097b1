package api

import (
	"context"
	"net/http"
	"time"

	"github.com/CCI-MOC/haas/core/service"
)

// HeadnodeDebt is one machine in the answer of headnode-debt-list.
type HeadnodeDebt struct {
	Machine   string    `json:"machine" doc:"Name of the virtual machine on its host." example:"headnode-6f1ed002-ab59-4dcc-b44b-36a35a8ecf5f"`
	Host      string    `json:"host" doc:"URI of the host it was made on; empty if that has none." example:"qemu+tls://hv1.example/system"`
	Headnode  string    `json:"headnode" doc:"Label of the headnode that was deleted." example:"h1"`
	Project   string    `json:"project" doc:"Label of the project that it belonged to." example:"p1"`
	Networks  []string  `json:"networks" doc:"Labels of the networks that the machine may still be on. They cannot be deleted." example:"w1"`
	Since     time.Time `json:"since" doc:"When the headnode was deleted."`
	Tries     int       `json:"tries" minimum:"0" doc:"How often it was tried to remove the machine." example:"7"`
	LastError *string   `json:"last_error" doc:"What came of the last attempt, in the driver's words; null if none has ended yet."`
	NextTry   time.Time `json:"next_try" doc:"When it is tried again, at the latest."`
}

// MachinePath names the machine of a deleted headnode.
type MachinePath struct {
	Machine string `path:"machine" doc:"Name of the virtual machine, as headnode-debt-list tells it." example:"headnode-6f1ed002-ab59-4dcc-b44b-36a35a8ecf5f"`
}

func (s *server) headnodeDebts(g group) {
	query(g, operation{
		id: "headnode-debt-list", method: http.MethodGet, path: "/v0/headnode_debts", summary: "List the machines of deleted headnodes that may still be there",
		description: "A headnode is deleted also while its host cannot be reached. The server then keeps trying to remove the machine, and the networks " +
			"that it was on stay in use. For administrators.",
	}, func(ctx context.Context, _ *struct{}) ([]HeadnodeDebt, error) {
		found, err := s.Service.HeadnodeDebtList(ctx)
		return debtsOf(found), err
	})

	command(g, operation{
		id: "headnode-forgive", method: http.MethodDelete, path: "/v0/headnode_debts/{machine}", summary: "Forget the machine of a deleted headnode",
		description: "For a machine whose host will never answer again. It must be known to be off: the server stops trying to remove it, and the networks " +
			"that it was on can be deleted, and their VLANs given to others. For administrators.",
		errors: []int{404},
	}, func(ctx context.Context, in *MachinePath) error { return s.Service.HeadnodeForgive(ctx, in.Machine) })
}

func debtsOf(found []service.HeadnodeDebt) []HeadnodeDebt {
	all := make([]HeadnodeDebt, 0, len(found))
	for _, d := range found {
		all = append(all, HeadnodeDebt{
			Machine: d.Machine, Host: d.Host, Headnode: d.Headnode, Project: d.Project, Networks: list(d.Networks),
			Since: time.UnixMilli(d.Since).UTC(), Tries: d.Tries, LastError: known(d.LastError), NextTry: time.UnixMilli(d.RetryAt).UTC(),
		})
	}
	return all
}
