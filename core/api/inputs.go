package api

import "github.com/CCI-MOC/haas/core/service"

// The path arguments, one struct for each noun, to be embedded in the inputs of operations.

// ProjectPath names a project.
type ProjectPath struct {
	Project string `path:"project" doc:"Label of the project." example:"p1"`
}

// NodePath names a node.
type NodePath struct {
	Node string `path:"node" doc:"Label of the node." example:"n1"`
}

// NICPath names a NIC of a node.
type NICPath struct {
	NodePath
	NIC string `path:"nic" doc:"Label of the NIC, unique on its node." example:"eth0"`
}

// NetworkPath names a network.
type NetworkPath struct {
	Network string `path:"network" doc:"Label of the network." example:"w1"`
}

// SwitchPath names a switch.
type SwitchPath struct {
	Switch string `path:"switch" doc:"Label of the switch." example:"sw1"`
}

// PortPath names a port of a switch.
type PortPath struct {
	SwitchPath
	Port string `path:"port" doc:"Name of the port, as the switch's driver knows it. A \"/\" in it may be escaped or not." example:"gi1/0/2"`
}

// HeadnodePath names a headnode.
type HeadnodePath struct {
	Headnode string `path:"headnode" doc:"Label of the headnode." example:"h1"`
}

// HNICPath names a NIC of a headnode.
type HNICPath struct {
	HeadnodePath
	HNIC string `path:"hnic" doc:"Label of the NIC, unique on its headnode." example:"eth0"`
}

// UserPath names a user.
type UserPath struct {
	User string `path:"user" doc:"Name of the user." example:"alice"`
}

// PageQuery narrows a list. Without it the whole list is answered.
type PageQuery struct {
	After string `query:"after" doc:"Only labels that come after this one." example:"n100"`
	Limit int    `query:"limit" minimum:"1" doc:"At most so many labels." example:"100"`
}

func (p PageQuery) page() service.Page { return service.Page{After: p.After, Limit: p.Limit} }

// list is a list as JSON should show it: never null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// known is a pointer to s, nil if it is empty; JSON shows null.
func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
