package auth

// Call is an operation of the API, in its own words.
type Call string

// permission is who may make a call, administrators apart, who may make every call.
type permission int

const (
	// admins: nobody else. It is the zero value, so a call missing from the table is closed.
	admins permission = iota
	// members of a project that the object belongs to.
	members
	// membersOrOpen: the same, and everybody if the object is open.
	membersOrOpen
	// anybody who is let in at all.
	anybody
)

// permissions is who may call what. The objects are: for a call on a node, the project it is in; for one on a network,
// its owner (delete, grant), those on its access list (show) or both and the project revoked (revoke).
var permissions = map[Call]permission{
	"project_list":            admins,
	"project_create":          admins,
	"project_delete":          admins,
	"project_connect_node":    members,
	"project_detach_node":     members,
	"project_force_detach":    admins,
	"project_nodes":           members,
	"project_networks":        members,
	"project_headnodes":       members,
	"node_register":           admins,
	"node_delete":             admins,
	"node_list":               anybody,
	"node_list_all_notes":     admins,
	"node_show":               membersOrOpen,
	"node_show_cabling":       admins,
	"node_set_metadata":       admins,
	"node_delete_metadata":    admins,
	"node_register_nic":       admins,
	"node_delete_nic":         admins,
	"node_connect_network":    members,
	"node_detach_network":     members,
	"node_set_obm":            members,
	"node_power":              members,
	"node_power_list":         anybody,
	"node_power_list_all":     admins,
	"node_sensors":            members,
	"node_inventory":          members,
	"node_identify":           members,
	"node_boot_device":        members,
	"node_console":            members,
	"networking_action_show":  members,
	"network_list":            anybody,
	"network_list_all":        admins,
	"network_create":          members,
	"network_create_as_admin": admins,
	"network_delete":          members,
	"network_show":            membersOrOpen,
	"network_show_all_nodes":  members,
	"network_grant_access":    members,
	"network_revoke_access":   members,
	"network_attachments":     members,
	"switch_register":         admins,
	"switch_update":           admins,
	"switch_delete":           admins,
	"switch_list":             admins,
	"switch_show":             admins,
	"switch_check":            admins,
	"switch_test":             admins,
	"switch_register_port":    admins,
	"switch_delete_port":      admins,
	"port_show":               admins,
	"port_state":              admins,
	"port_connect_nic":        admins,
	"port_detach_nic":         admins,
	"port_revert":             admins,
	"headnode_create":         members,
	"headnode_delete":         members,
	"headnode_start":          members,
	"headnode_stop":           members,
	"headnode_show":           members,
	"headnode_hnics":          members,
	"headnode_show_host":      admins,
	"headnode_console":        members,
	"headnode_vnc":            members,
	"headnode_images":         anybody,
	"headnode_host_list":      admins,
	"headnode_host_rename":    admins,
	"headnode_debt_list":      admins,
	"headnode_forgive":        admins,
	"headnode_create_hnic":    members,
	"headnode_delete_hnic":    members,
	"headnode_connect":        members,
	"headnode_detach":         members,
	"user_list":               admins,
	"user_create":             admins,
	"user_delete":             admins,
	"user_set_admin":          admins,
	"user_add_project":        admins,
	"user_remove_project":     admins,
	"driver_list":             admins,
	"active_extensions":       admins,
}
