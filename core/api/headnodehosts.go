package api

import (
	"context"
	"net/http"
	"time"

	"github.com/CCI-MOC/haas/core/service"
)

// HeadnodeHost is one host in the answer of headnode-host-list.
type HeadnodeHost struct {
	Host     string     `json:"host" doc:"URI of the host; empty if the server knows one only." example:"qemu+tls://hv1.example/system"`
	State    string     `json:"state" enum:"ok,unreachable" doc:"Whether it can be used now; no headnode is placed where it cannot." example:"ok"`
	Capacity *int64     `json:"capacity" minimum:"0" doc:"The memory that headnodes may have there, in MiB; null if that is not known." example:"65536"`
	Used     *int64     `json:"used" minimum:"0" doc:"The memory of the headnodes there, in MiB, whether they run or not; null if that is not known." example:"4096"`
	Error    *string    `json:"error" doc:"Why it cannot be used, in the driver's words; null if it can."`
	Since    *time.Time `json:"since" doc:"When this server first noticed that; null if the host answers."`
}

// HeadnodeHostNames is the body of headnode-host-rename.
type HeadnodeHostNames struct {
	From string `json:"from" doc:"URI that the host had when headnodes were placed on it." example:"qemu+ssh://haas@10.0.0.7/system"`
	To   string `json:"to" doc:"URI that it has in the configuration now." example:"qemu+ssh://haas@hv1.example/system"`
}

func (s *server) headnodeHosts(g group) {
	query(g, operation{
		id: "headnode-host-list", method: http.MethodGet, path: "/v0/headnode_hosts", summary: "Tell how the hosts of headnodes are",
		description: "Each is asked now, and given up after a few seconds. For administrators.",
	}, func(ctx context.Context, _ *struct{}) ([]HeadnodeHost, error) {
		found, err := s.Service.HeadnodeHostList(ctx)
		return hostsOf(found), err
	})

	command(g, operation{
		id: "headnode-host-rename", method: http.MethodPost, path: "/v0/headnode_hosts/rename", summary: "Tell that a host of headnodes has another URI now",
		description: "For a host that got another address. It must have the machines of the headnodes that are noted to be on it. For administrators.",
		errors:      deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct{ Body HeadnodeHostNames }) error {
		return s.Service.HeadnodeHostRename(ctx, in.Body.From, in.Body.To)
	})
}

func hostsOf(found []service.HeadnodeHostState) []HeadnodeHost {
	all := make([]HeadnodeHost, 0, len(found))
	for _, h := range found {
		shown := HeadnodeHost{Host: h.Name, State: "ok", Error: known(h.Error)}
		if h.Error != "" {
			shown.State = "unreachable"
		}
		if h.Known {
			shown.Capacity, shown.Used = new(h.Capacity), new(h.Used)
		}
		if !h.Since.IsZero() {
			shown.Since = new(h.Since.UTC())
		}
		all = append(all, shown)
	}
	return all
}
