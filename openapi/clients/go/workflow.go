package main

import (
	"context"
	"slices"

	"github.com/CCI-MOC/haas/openapi/client"
)

const (
	node, nic        = "node-08", "eth0"
	switchName, port = "sw-08", "gi1/0/8"
	project, network = "physics", "lab"
	headnode, hnic   = "head", "eth0"
)

// step is a part of the workflow.
type step struct {
	does string
	do   func() error
}

// workflow is the life of a machine, from its registration to its removal.
func workflow(ctx context.Context, api *client.ClientWithResponses) []step {
	return slices.Concat(register(ctx, api), use(ctx, api), boot(ctx, api), release(ctx, api), remove(ctx, api))
}

func register(ctx context.Context, api *client.ClientWithResponses) []step {
	return []step{
		{"register the node", func() error { return registerNode(ctx, api) }},
		{"register its NIC", func() error {
			return done(api.NodeRegisterNICWithResponse(ctx, node, nic, client.NICRegistration{Macaddr: "52:54:00:00:08:00"}))
		}},
		{"register a switch", func() error { return registerSwitch(ctx, api) }},
		{"register its port", func() error { return done(api.SwitchRegisterPortWithResponse(ctx, switchName, port)) }},
		{"cable the NIC to the port", func() error {
			return done(api.PortConnectNICWithResponse(ctx, switchName, port, client.PortConnection{Node: node, NIC: nic}))
		}},
	}
}

func registerNode(ctx context.Context, api *client.ClientWithResponses) error {
	var obm client.NodeOBM
	err := obm.FromOBMMock(client.OBMMock{
		Type: "http://schema.massopencloud.org/haas/v0/obm/mock", Host: "bmc-08", User: "admin", Password: new("secret"),
	})
	if err != nil {
		return err
	}
	return done(api.NodeRegisterWithResponse(ctx, node, client.NodeRegistration{OBM: obm}))
}

func registerSwitch(ctx context.Context, api *client.ClientWithResponses) error {
	var settings client.SwitchRegistration
	err := settings.FromSwitchMock(client.SwitchMock{
		Type: "http://schema.massopencloud.org/haas/v0/switches/mock", Hostname: switchName, Username: "admin", Password: new("secret"),
	})
	if err != nil {
		return err
	}
	return done(api.SwitchRegisterWithResponse(ctx, switchName, settings))
}

func use(ctx context.Context, api *client.ClientWithResponses) []step {
	return []step{
		{"create a project", func() error { return done(api.ProjectCreateWithResponse(ctx, project)) }},
		{"reserve the node", func() error {
			return done(api.ProjectConnectNodeWithResponse(ctx, project, client.ProjectNode{Node: node}))
		}},
		{"create a network", func() error { return createNetwork(ctx, api) }},
		{"plan the connection", func() error { return planConnection(ctx, api) }},
		{"connect the NIC to the network", func() error {
			return shown(ctx, api)(api.NodeConnectNetworkWithResponse(ctx, node, nic, nil, client.NetworkConnection{Network: network}))
		}},
		{"check the switch", func() error { return checkSwitch(ctx, api) }},
		{"show the node", func() error { return showNode(ctx, api) }},
	}
}

func createNetwork(ctx context.Context, api *client.ClientWithResponses) error {
	creation := client.NetworkCreation{Owner: project}
	if err := creation.Access.FromNetworkCreationAccess0(project); err != nil {
		return err
	}
	return done(api.NetworkCreateWithResponse(ctx, network, creation))
}

func boot(ctx context.Context, api *client.ClientWithResponses) []step {
	return []step{
		{"create a headnode", func() error {
			return done(api.HeadnodeCreateWithResponse(ctx, headnode, client.HeadnodeCreation{Project: project, BaseImg: "base-headnode"}))
		}},
		{"give it a NIC", func() error { return done(api.HeadnodeCreateHNICWithResponse(ctx, headnode, hnic)) }},
		{"connect it to the network", func() error {
			return done(api.HeadnodeConnectNetworkWithResponse(ctx, headnode, hnic, nil, client.HNICConnection{Network: network}))
		}},
		{"start it", func() error { return done(api.HeadnodeStartWithResponse(ctx, headnode)) }},
		{"cycle the node's power", func() error { return done(api.NodePowerCycleWithResponse(ctx, node, client.PowerCycle{})) }},
		{"ask for the power", func() error { return askPower(ctx, api) }},
		{"watch the console", func() error { return watchConsole(ctx, api) }},
	}
}

func release(ctx context.Context, api *client.ClientWithResponses) []step {
	return []step{
		{"delete the headnode", func() error { return done(api.HeadnodeDeleteWithResponse(ctx, headnode)) }},
		{"detach the NIC from the network", func() error {
			return shown(ctx, api)(api.NodeDetachNetworkWithResponse(ctx, node, nic, nil, client.NetworkDetachment{Network: network}))
		}},
		{"release the node", func() error {
			return done(api.ProjectDetachNodeWithResponse(ctx, project, client.ProjectNodeRelease{Node: node}))
		}},
		{"delete the network", func() error { return done(api.NetworkDeleteWithResponse(ctx, network)) }},
		{"delete the project", func() error { return done(api.ProjectDeleteWithResponse(ctx, project)) }},
	}
}

func remove(ctx context.Context, api *client.ClientWithResponses) []step {
	return []step{
		{"unplug the NIC", func() error { return done(api.PortDetachNICWithResponse(ctx, switchName, port)) }},
		{"delete the port", func() error { return done(api.SwitchDeletePortWithResponse(ctx, switchName, port, nil)) }},
		{"delete the switch", func() error { return done(api.SwitchDeleteWithResponse(ctx, switchName)) }},
		{"delete the NIC", func() error { return done(api.NodeDeleteNICWithResponse(ctx, node, nic)) }},
		{"delete the node", func() error { return done(api.NodeDeleteWithResponse(ctx, node)) }},
	}
}
