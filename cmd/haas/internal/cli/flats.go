package cli

import (
	"context"
	"net/http"
	"slices"

	"github.com/CCI-MOC/haas/openapi/client"
)

// flats are all flat commands: those of HaaS by noun, then those that HIL added.
func flats() []flat {
	return slices.Concat(flatProjects(), flatNodes(), flatNICs(), flatNetworks(), flatSwitches(), flatHeadnodes(), flatUsers(), flatHIL())
}

func flatProjects() []flat {
	return []flat{
		{use: "list_projects", short: "List all projects", call: func(ctx context.Context, c *call) (*http.Response, error) { return c.ProjectList(ctx, nil) }},
		{use: "project_create PROJECT", short: "Create a project", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.ProjectCreate(ctx, c.arg("PROJECT"))
		}},
		{use: "project_delete PROJECT", short: "Delete a project", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.ProjectDelete(ctx, c.arg("PROJECT"))
		}},
		{use: "project_connect_node PROJECT NODE", short: "Reserve a node", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.ProjectConnectNode(ctx, c.arg("PROJECT"), client.ProjectNode{Node: c.arg("NODE")})
		}},
		{use: "project_detach_node PROJECT NODE", short: "Release a node", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.ProjectDetachNode(ctx, c.arg("PROJECT"), client.ProjectNodeRelease{Node: c.arg("NODE")})
		}},
		{use: "list_project_nodes PROJECT", short: "List a project's nodes", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.ProjectNodes(ctx, c.arg("PROJECT"))
		}},
		{use: "list_project_networks PROJECT", short: "List a project's networks", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.ProjectNetworks(ctx, c.arg("PROJECT"))
		}},
		{use: "list_project_headnodes PROJECT", short: "List a project's headnodes", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.ProjectHeadnodes(ctx, c.arg("PROJECT"))
		}},
	}
}

func flatNodes() []flat {
	return []flat{
		// TYPE may also stand before NODE, as in the user guide.
		{use: "node_register NODE TYPE HOST USER PASSWORD", short: "Register a node; TYPE is ipmi or mock", call: flatNodeRegister},
		{use: "node_delete NODE", short: "Delete a node", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodeDelete(ctx, c.arg("NODE"))
		}},
		{use: "node_power_cycle NODE", short: "Switch a node off and on", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodePowerCycle(ctx, c.arg("NODE"), client.PowerCycle{})
		}},
		{use: "node_power_off NODE", short: "Switch a node off", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodePowerOff(ctx, c.arg("NODE"))
		}},
		{use: "list_nodes all|free", short: "List nodes", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodeList(ctx, c.arg("all|free"), nil)
		}},
		{use: "show_node NODE", short: "Show a node", call: func(ctx context.Context, c *call) (*http.Response, error) { return c.NodeShow(ctx, c.arg("NODE")) }},
		{use: "show_console NODE", short: "Print what a node's console has said", print: printRemembered},
		{use: "start_console NODE", short: "Start logging a console", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodeConsoleStart(ctx, c.arg("NODE"))
		}},
		{use: "stop_console NODE", short: "Stop a console and forget its log", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodeConsoleStop(ctx, c.arg("NODE"))
		}},
	}
}

func flatNICs() []flat {
	return []flat{
		{use: "node_register_nic NODE NIC MAC", short: "Register a NIC", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodeRegisterNIC(ctx, c.arg("NODE"), c.arg("NIC"), client.NICRegistration{Macaddr: c.arg("MAC")})
		}},
		{use: "node_delete_nic NODE NIC", short: "Delete a NIC", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodeDeleteNIC(ctx, c.arg("NODE"), c.arg("NIC"))
		}},
		{use: "node_connect_network NODE NIC NETWORK CHANNEL", short: "Connect a NIC to a network", call: func(ctx context.Context, c *call) (*http.Response, error) {
			to := client.NetworkConnection{Network: c.arg("NETWORK"), Channel: new(c.arg("CHANNEL"))}
			return c.NodeConnectNetwork(ctx, c.arg("NODE"), c.arg("NIC"), nil, to)
		}},
		{use: "node_detach_network NODE NIC NETWORK", short: "Detach a NIC from a network", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodeDetachNetwork(ctx, c.arg("NODE"), c.arg("NIC"), nil, client.NetworkDetachment{Network: c.arg("NETWORK")})
		}},
	}
}

func flatNetworks() []flat {
	return []flat{
		{use: "network_create NETWORK OWNER ACCESS NET_ID", short: "Create a network; ACCESS and NET_ID may be \"\"", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return flatNetwork(ctx, c, c.arg("OWNER"), c.arg("ACCESS"), c.arg("NET_ID"))
		}},
		{use: "network_create_simple NETWORK PROJECT", short: "Create a project's network", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return flatNetwork(ctx, c, c.arg("PROJECT"), c.arg("PROJECT"), "")
		}},
		{use: "network_delete NETWORK", short: "Delete a network", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NetworkDelete(ctx, c.arg("NETWORK"))
		}},
		{use: "show_network NETWORK", short: "Show a network", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NetworkShow(ctx, c.arg("NETWORK"))
		}},
	}
}

func flatSwitches() []flat {
	return []flat{
		{use: "switch_register SWITCH TYPE SETTING...", short: "Register a switch; SETTING is host, user, password and what the type wants", call: flatSwitchRegister},
		{use: "switch_delete SWITCH", short: "Delete a switch", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.SwitchDelete(ctx, c.arg("SWITCH"))
		}},
		{use: "list_switches", short: "List all switches", call: func(ctx context.Context, c *call) (*http.Response, error) { return c.SwitchList(ctx) }},
		{use: "port_register SWITCH PORT", short: "Register a port", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.SwitchRegisterPort(ctx, c.arg("SWITCH"), c.arg("PORT"))
		}},
		{use: "port_delete SWITCH PORT", short: "Delete a port", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.SwitchDeletePort(ctx, c.arg("SWITCH"), c.arg("PORT"), nil)
		}},
		{use: "port_connect_nic SWITCH PORT NODE NIC", short: "Tell what a port is cabled to", call: func(ctx context.Context, c *call) (*http.Response, error) {
			end := client.PortConnection{Node: c.arg("NODE"), NIC: c.arg("NIC")}
			return c.PortConnectNIC(ctx, c.arg("SWITCH"), c.arg("PORT"), end)
		}},
		{use: "port_detach_nic SWITCH PORT", short: "Tell that a cable was pulled", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.PortDetachNIC(ctx, c.arg("SWITCH"), c.arg("PORT"))
		}},
	}
}

func flatHeadnodes() []flat {
	return []flat{
		{use: "headnode_create HEADNODE PROJECT IMAGE", short: "Create a headnode", call: func(ctx context.Context, c *call) (*http.Response, error) {
			from := client.HeadnodeCreation{Project: c.arg("PROJECT"), BaseImg: c.arg("IMAGE")}
			return c.HeadnodeCreate(ctx, c.arg("HEADNODE"), from)
		}},
		{use: "headnode_delete HEADNODE", short: "Delete a headnode", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.HeadnodeDelete(ctx, c.arg("HEADNODE"))
		}},
		{use: "headnode_start HEADNODE", short: "Start a headnode", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.HeadnodeStart(ctx, c.arg("HEADNODE"))
		}},
		{use: "headnode_stop HEADNODE", short: "Stop a headnode", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.HeadnodeStop(ctx, c.arg("HEADNODE"))
		}},
		{use: "headnode_create_hnic HEADNODE HNIC", short: "Give a headnode a NIC", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.HeadnodeCreateHNIC(ctx, c.arg("HEADNODE"), c.arg("HNIC"))
		}},
		{use: "headnode_delete_hnic HEADNODE HNIC", short: "Remove a headnode's NIC", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.HeadnodeDeleteHNIC(ctx, c.arg("HEADNODE"), c.arg("HNIC"))
		}},
		{use: "headnode_connect_network HEADNODE HNIC NETWORK", short: "Connect a headnode to a network", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.HeadnodeConnectNetwork(ctx, c.arg("HEADNODE"), c.arg("HNIC"), nil, client.HNICConnection{Network: c.arg("NETWORK")})
		}},
		{use: "headnode_detach_network HEADNODE HNIC", short: "Detach a headnode from its network", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.HeadnodeDetachNetwork(ctx, c.arg("HEADNODE"), c.arg("HNIC"), nil)
		}},
		{use: "show_headnode HEADNODE", short: "Show a headnode", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.HeadnodeShow(ctx, c.arg("HEADNODE"))
		}},
		{use: "list_headnode_images", short: "List images", call: func(ctx context.Context, c *call) (*http.Response, error) { return c.HeadnodeImages(ctx) }},
	}
}

func flatUsers() []flat {
	return []flat{
		{use: "user_create USER PASSWORD admin|regular", short: "Create a user", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.UserCreate(ctx, c.arg("USER"), client.UserCreation{
				Password: new(c.arg("PASSWORD")), IsAdmin: new(c.arg("admin|regular") == "admin"),
			})
		}},
		{use: "user_delete USER", short: "Delete a user", call: func(ctx context.Context, c *call) (*http.Response, error) { return c.UserDelete(ctx, c.arg("USER")) }},
		{use: "user_add_project USER PROJECT", short: "Make a user a member", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.UserAddProject(ctx, c.arg("USER"), client.UserProject{Project: c.arg("PROJECT")})
		}},
		{use: "user_remove_project USER PROJECT", short: "End a membership", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.UserRemoveProject(ctx, c.arg("USER"), client.UserProject{Project: c.arg("PROJECT")})
		}},
	}
}

func flatHIL() []flat {
	return []flat{
		{use: "user_set_admin USER admin|regular", short: "Change a user's role", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.UserSetAdmin(ctx, c.arg("USER"), client.UserAdmin{IsAdmin: c.arg("admin|regular") == "admin"})
		}},
		{use: "network_grant_project_access PROJECT NETWORK", short: "Let a project connect", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NetworkGrantAccess(ctx, c.arg("NETWORK"), c.arg("PROJECT"))
		}},
		{use: "network_revoke_project_access PROJECT NETWORK", short: "Take a project's access", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NetworkRevokeAccess(ctx, c.arg("NETWORK"), c.arg("PROJECT"))
		}},
		{use: "node_set_bootdev NODE DEVICE", short: "Choose what a node boots from", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodeSetBootDevice(ctx, c.arg("NODE"), client.BootDevice{Bootdev: c.arg("DEVICE")})
		}},
		{use: "metadata_set NODE LABEL VALUE", short: "Put a note on a node", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodeSetMetadata(ctx, c.arg("NODE"), c.arg("LABEL"), client.MetadataValue{Value: c.arg("VALUE")})
		}},
		{use: "metadata_delete NODE LABEL", short: "Remove a note", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.NodeDeleteMetadata(ctx, c.arg("NODE"), c.arg("LABEL"))
		}},
		{use: "port_revert SWITCH PORT", short: "Take a port's NIC off all networks", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.PortRevert(ctx, c.arg("SWITCH"), c.arg("PORT"), nil)
		}},
		{use: "show_switch SWITCH", short: "Show a switch", call: func(ctx context.Context, c *call) (*http.Response, error) { return c.SwitchShow(ctx, c.arg("SWITCH")) }},
		{use: "show_port SWITCH PORT", short: "Show a port", call: func(ctx context.Context, c *call) (*http.Response, error) {
			return c.PortShow(ctx, c.arg("SWITCH"), c.arg("PORT"))
		}},
		{use: "list_networks", short: "List networks", call: func(ctx context.Context, c *call) (*http.Response, error) { return c.NetworkList(ctx) }},
		{use: "list_network_attachments NETWORK PROJECT", short: "List what is on a network; PROJECT may be all", call: flatAttachments},
		{use: "list_active_extensions", short: "List what is loaded", call: func(ctx context.Context, c *call) (*http.Response, error) { return c.ActiveExtensions(ctx) }},
	}
}

func flatNetwork(ctx context.Context, c *call, owner, access, netID string) (*http.Response, error) {
	body := client.NetworkCreation{Owner: owner, NetID: netID}
	if err := body.Access.FromNetworkCreationAccess0(access); err != nil {
		return nil, err
	}
	return c.NetworkCreate(ctx, c.arg("NETWORK"), body)
}

func flatAttachments(ctx context.Context, c *call) (*http.Response, error) {
	var params client.NetworkAttachmentsParams
	if project := c.arg("PROJECT"); project != "all" {
		params.Project = &project
	}
	return c.NetworkAttachments(ctx, c.arg("NETWORK"), &params)
}
