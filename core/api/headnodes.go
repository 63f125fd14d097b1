package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
)

// HeadnodeCreation is the body of headnode-create.
type HeadnodeCreation struct {
	Project  string   `json:"project" doc:"Label of the project that gets the headnode." example:"p1"`
	BaseImg  string   `json:"base_img" doc:"One of the images that headnode-images lists." example:"base-headnode"`
	SSHKeys  []string `json:"ssh_keys,omitempty" doc:"OpenSSH public keys that may log in, if the image has cloud-init; each is the one line of a .pub file." example:"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ann"`
	UserData string   `json:"user_data,omitempty" writeOnly:"true" doc:"Cloud-init user data, at most 64 KiB, for images that have cloud-init: #cloud-config, a script that begins with #!, or another form it takes. It is shown to nobody but the machine." example:"#cloud-config"`
}

// HNICConnection is the body of headnode-connect-network.
type HNICConnection struct {
	Network string `json:"network" doc:"Label of the network." example:"w1"`
}

// LiveQuery is for calls that change headnodes which have been started, if asked to.
type LiveQuery struct {
	Live bool `query:"live" doc:"Also for a headnode that has been started: its NIC is plugged at once."`
}

// Headnode is what headnode-show tells.
type Headnode struct {
	Name    string   `json:"name" doc:"Label of the headnode." example:"h1"`
	Project string   `json:"project" doc:"Label of its project." example:"p1"`
	HNICs   []string `json:"hnics" doc:"Labels of its NICs." example:"eth0"`
	VNCPort *string  `json:"vncport" doc:"Port of its screen, as text; null while it has none." example:"5901"`
	UUID    string   `json:"uuid" doc:"Identifies its virtual machine."`
	BaseImg string   `json:"base_img" doc:"The image it was made from." example:"base-headnode"`
	Host    string   `json:"host,omitempty" doc:"URI of the host it was placed on. Only administrators are told, once it was started, and if there are several." example:"qemu+tls://hv1.example/system"`
}

// HNIC is what headnode-hnics tells of a NIC.
type HNIC struct {
	Label   string  `json:"label" doc:"Label of the NIC." example:"eth0"`
	Network *string `json:"network" doc:"Label of the network it is on; null if it is on none." example:"w1"`
}

func (s *server) headnodes() {
	g := s.group("headnodes", "Virtual machines of projects, on the projects' networks.")

	query(g, operation{
		id: "headnode-images", method: http.MethodGet, path: "/v0/headnode_images", summary: "List the images headnodes are made from",
	}, func(ctx context.Context, _ *struct{}) ([]string, error) {
		names, err := s.Service.HeadnodeImages(ctx)
		return list(names), err
	})

	s.headnodeImageDetails(g)

	query(g, operation{
		id: "headnode-show", method: http.MethodGet, path: "/v0/headnode/{headnode}", summary: "Show a headnode", errors: deviceFailures(404),
	}, func(ctx context.Context, in *HeadnodePath) (Headnode, error) {
		h, err := s.Service.HeadnodeShow(ctx, in.Headnode)
		return headnodeOf(h), err
	})

	command(g, operation{
		id: "headnode-create", method: http.MethodPut, path: "/v0/headnode/{headnode}", summary: "Create a headnode", errors: []int{404, 409},
	}, func(ctx context.Context, in *struct {
		HeadnodePath
		Body HeadnodeCreation
	}) error {
		seed := service.HeadnodeSeed{SSHKeys: in.Body.SSHKeys, UserData: sdk.Secret(in.Body.UserData)}
		return s.Service.HeadnodeCreate(ctx, in.Headnode, in.Body.Project, in.Body.BaseImg, seed)
	})

	s.headnodeLife(g)
	s.headnodeConsole(g)
	s.headnodeScreen(g)
	s.headnodeDebts(g)
	s.headnodeHosts(g)
	s.hnics(g)
}

func (s *server) headnodeLife(g group) {
	command(g, operation{
		id: "headnode-delete", method: http.MethodDelete, path: "/v0/headnode/{headnode}", summary: "Delete a headnode and its disk", errors: deviceFailures(404),
	}, func(ctx context.Context, in *HeadnodePath) error { return s.Service.HeadnodeDelete(ctx, in.Headnode) })

	command(g, operation{
		id: "headnode-start", method: http.MethodPost, path: "/v0/headnode/{headnode}/start", summary: "Start a headnode",
		description: "From the first start on its NICs no longer change, but for what live=true does.", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *HeadnodePath) error { return s.Service.HeadnodeStart(ctx, in.Headnode) })

	command(g, operation{
		id: "headnode-stop", method: http.MethodPost, path: "/v0/headnode/{headnode}/stop", summary: "Switch a headnode off", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *HeadnodePath) error { return s.Service.HeadnodeStop(ctx, in.Headnode) })
}

func (s *server) hnics(g group) {
	const path = "/v0/headnode/{headnode}/hnic/{hnic}"

	query(g, operation{
		id: "headnode-hnics", method: http.MethodGet, path: "/v0/headnode/{headnode}/hnics", summary: "List the NICs of a headnode", errors: []int{404},
	}, func(ctx context.Context, in *HeadnodePath) ([]HNIC, error) {
		found, err := s.Service.HeadnodeHNICs(ctx, in.Headnode)
		return hnicsOf(found), err
	})

	command(g, operation{
		id: "headnode-create-hnic", method: http.MethodPut, path: path, summary: "Give a headnode a NIC", errors: []int{404, 409},
	}, func(ctx context.Context, in *HNICPath) error {
		return s.Service.HeadnodeCreateHNIC(ctx, in.Headnode, in.HNIC)
	})

	command(g, operation{
		id: "headnode-delete-hnic", method: http.MethodDelete, path: path, summary: "Remove a NIC of a headnode", errors: []int{404, 409},
	}, func(ctx context.Context, in *HNICPath) error {
		return s.Service.HeadnodeDeleteHNIC(ctx, in.Headnode, in.HNIC)
	})

	command(g, operation{
		id: "headnode-connect-network", method: http.MethodPost, path: path + "/connect_network", summary: "Connect a headnode's NIC to a network",
		description: "It replaces the network the NIC is on.", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct {
		HNICPath
		LiveQuery
		Body HNICConnection
	}) error {
		return s.Service.HeadnodeConnectNetwork(ctx, in.Headnode, in.HNIC, in.Body.Network, in.Live)
	})

	command(g, operation{
		id: "headnode-detach-network", method: http.MethodPost, path: path + "/detach_network", summary: "Detach a headnode's NIC from its network", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct {
		HNICPath
		LiveQuery
	}) error {
		return s.Service.HeadnodeDetachNetwork(ctx, in.Headnode, in.HNIC, in.Live)
	})
}

func hnicsOf(from []service.HNIC) []HNIC {
	to := make([]HNIC, 0, len(from))
	for _, n := range from {
		to = append(to, HNIC{Label: n.Label, Network: known(n.Network)})
	}
	return to
}

func headnodeOf(h service.Headnode) Headnode {
	out := Headnode{Name: h.Name, Project: h.Project, HNICs: list(h.HNICs), UUID: h.UUID, BaseImg: h.BaseImg, Host: h.Host}
	if h.VNCPort != 0 {
		out.VNCPort = known(strconv.Itoa(h.VNCPort))
	}
	return out
}
