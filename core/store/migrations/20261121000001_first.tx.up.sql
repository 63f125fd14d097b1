-- One text serves SQLite and PostgreSQL; two words differ: the identity column, and the type of labels, which are
-- sorted by byte everywhere.
-- A migration is one transaction, and may be run again if the program was killed before it was marked as done.
-- Every constraint is named after the rule it keeps. Times are milliseconds since 1970, UTC.

CREATE TABLE IF NOT EXISTS projects (
  id {{.Identity}},
  label {{.Label}} NOT NULL,
  CONSTRAINT project_label_is_unique UNIQUE (label)
);

--bun:split
CREATE TABLE IF NOT EXISTS users (
  id {{.Identity}},
  label {{.Label}} NOT NULL,
  is_admin BOOLEAN NOT NULL,
  password_hash TEXT NOT NULL,
  CONSTRAINT user_label_is_unique UNIQUE (label)
);

--bun:split
CREATE TABLE IF NOT EXISTS user_projects (
  user_id BIGINT NOT NULL CONSTRAINT membership_has_user REFERENCES users (id) ON DELETE CASCADE,
  project_id BIGINT NOT NULL CONSTRAINT membership_has_project REFERENCES projects (id) ON DELETE CASCADE,
  CONSTRAINT membership_is_unique PRIMARY KEY (user_id, project_id)
);

--bun:split
CREATE INDEX IF NOT EXISTS user_projects_by_project ON user_projects (project_id);

--bun:split
CREATE TABLE IF NOT EXISTS nodes (
  id {{.Identity}},
  label {{.Label}} NOT NULL,
  project_id BIGINT CONSTRAINT project_with_nodes_stays REFERENCES projects (id),
  obm_type TEXT NOT NULL,
  obm_settings TEXT NOT NULL,
  obm_enabled BOOLEAN NOT NULL,
  CONSTRAINT node_label_is_unique UNIQUE (label)
);

--bun:split
CREATE INDEX IF NOT EXISTS nodes_by_project ON nodes (project_id, label);

--bun:split
CREATE TABLE IF NOT EXISTS metadata (
  node_id BIGINT NOT NULL CONSTRAINT metadata_has_node REFERENCES nodes (id) ON DELETE CASCADE,
  label {{.Label}} NOT NULL,
  value TEXT NOT NULL,
  CONSTRAINT metadata_label_is_unique_per_node PRIMARY KEY (node_id, label)
);

--bun:split
CREATE TABLE IF NOT EXISTS switches (
  id {{.Identity}},
  label {{.Label}} NOT NULL,
  type TEXT NOT NULL,
  settings TEXT NOT NULL,
  CONSTRAINT switch_label_is_unique UNIQUE (label)
);

--bun:split
CREATE TABLE IF NOT EXISTS lanes (
  switch_id BIGINT NOT NULL PRIMARY KEY CONSTRAINT lane_has_switch REFERENCES switches (id) ON DELETE CASCADE,
  owner TEXT NOT NULL,
  until BIGINT NOT NULL,
  fence BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  retry_at BIGINT NOT NULL,
  last_error TEXT NOT NULL,
  unsaved_since BIGINT
);

--bun:split
CREATE TABLE IF NOT EXISTS ports (
  id {{.Identity}},
  switch_id BIGINT NOT NULL CONSTRAINT switch_with_ports_stays REFERENCES switches (id),
  label {{.Label}} NOT NULL,
  device_name TEXT NOT NULL,
  wanted_gen BIGINT NOT NULL,
  seen_gen BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  retry_at BIGINT NOT NULL,
  last_error TEXT NOT NULL,
  CONSTRAINT port_label_is_unique_per_switch UNIQUE (switch_id, label),
  CONSTRAINT device_port_is_registered_once_per_switch UNIQUE (switch_id, device_name)
);

--bun:split
CREATE INDEX IF NOT EXISTS ports_with_work ON ports (switch_id, retry_at) WHERE seen_gen < wanted_gen;

--bun:split
CREATE TABLE IF NOT EXISTS port_vlans (
  port_id BIGINT NOT NULL CONSTRAINT port_that_may_carry_vlans_stays REFERENCES ports (id),
  vlan BIGINT NOT NULL,
  CONSTRAINT port_vlan_is_noted_once PRIMARY KEY (port_id, vlan)
);

--bun:split
CREATE INDEX IF NOT EXISTS port_vlans_by_vlan ON port_vlans (vlan);

--bun:split
CREATE TABLE IF NOT EXISTS nics (
  id {{.Identity}},
  node_id BIGINT NOT NULL CONSTRAINT node_with_nics_stays REFERENCES nodes (id),
  label {{.Label}} NOT NULL,
  mac_addr TEXT NOT NULL,
  port_id BIGINT CONSTRAINT port_with_nic_stays REFERENCES ports (id),
  CONSTRAINT nic_label_is_unique_per_node UNIQUE (node_id, label),
  CONSTRAINT port_has_one_nic UNIQUE (port_id)
);

--bun:split
CREATE TABLE IF NOT EXISTS networks (
  id {{.Identity}},
  label {{.Label}} NOT NULL,
  owner_id BIGINT CONSTRAINT project_with_networks_stays REFERENCES projects (id),
  public BOOLEAN NOT NULL,
  vlan BIGINT NOT NULL,
  allocated BOOLEAN NOT NULL,
  CONSTRAINT network_label_is_unique UNIQUE (label),
  CONSTRAINT vlan_is_on_one_live_network UNIQUE (vlan),
  CONSTRAINT vlan_is_1_to_4094 CHECK (vlan BETWEEN 1 AND 4094)
);

--bun:split
CREATE INDEX IF NOT EXISTS networks_by_owner ON networks (owner_id);

--bun:split
CREATE TABLE IF NOT EXISTS network_accesses (
  network_id BIGINT NOT NULL CONSTRAINT access_has_network REFERENCES networks (id) ON DELETE CASCADE,
  project_id BIGINT NOT NULL CONSTRAINT project_with_access_stays REFERENCES projects (id),
  CONSTRAINT access_is_granted_once PRIMARY KEY (network_id, project_id)
);

--bun:split
CREATE INDEX IF NOT EXISTS network_accesses_by_project ON network_accesses (project_id);

--bun:split
CREATE TABLE IF NOT EXISTS attachments (
  nic_id BIGINT NOT NULL CONSTRAINT attached_nic_stays REFERENCES nics (id),
  network_id BIGINT NOT NULL CONSTRAINT attached_network_stays REFERENCES networks (id),
  channel TEXT NOT NULL,
  CONSTRAINT network_is_on_nic_once PRIMARY KEY (nic_id, network_id),
  CONSTRAINT channel_carries_one_network UNIQUE (nic_id, channel)
);

--bun:split
CREATE INDEX IF NOT EXISTS attachments_by_network ON attachments (network_id);

--bun:split
CREATE TABLE IF NOT EXISTS actions (
  id {{.Identity}},
  uuid TEXT NOT NULL,
  nic_id BIGINT CONSTRAINT nic_with_pending_action_stays REFERENCES nics (id),
  node_id BIGINT CONSTRAINT action_names_node REFERENCES nodes (id) ON DELETE SET NULL,
  node TEXT NOT NULL,
  nic TEXT NOT NULL,
  type TEXT NOT NULL,
  network_id BIGINT CONSTRAINT network_with_pending_connect_stays REFERENCES networks (id),
  new_network TEXT NOT NULL,
  channel TEXT NOT NULL,
  status TEXT NOT NULL,
  error TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  finished_at BIGINT,
  CONSTRAINT action_uuid_is_unique UNIQUE (uuid),
  CONSTRAINT action_status_is_known CHECK (status IN ('PENDING', 'DONE', 'ERROR')),
  CONSTRAINT finished_action_holds_nothing CHECK (status = 'PENDING' OR (nic_id IS NULL AND network_id IS NULL))
);

--bun:split
CREATE UNIQUE INDEX IF NOT EXISTS nic_has_one_pending_action ON actions (nic_id) WHERE status = 'PENDING';

--bun:split
CREATE INDEX IF NOT EXISTS actions_by_network ON actions (network_id) WHERE status = 'PENDING';

--bun:split
CREATE INDEX IF NOT EXISTS actions_by_node ON actions (node_id);

--bun:split
CREATE TABLE IF NOT EXISTS headnodes (
  id {{.Identity}},
  label {{.Label}} NOT NULL,
  project_id BIGINT NOT NULL CONSTRAINT project_with_headnodes_stays REFERENCES projects (id),
  base_img TEXT NOT NULL,
  uuid TEXT NOT NULL,
  frozen BOOLEAN NOT NULL,
  CONSTRAINT headnode_label_is_unique UNIQUE (label),
  CONSTRAINT headnode_uuid_is_unique UNIQUE (uuid)
);

--bun:split
CREATE INDEX IF NOT EXISTS headnodes_by_project ON headnodes (project_id);

--bun:split
CREATE TABLE IF NOT EXISTS hnics (
  id {{.Identity}},
  headnode_id BIGINT NOT NULL CONSTRAINT hnic_has_headnode REFERENCES headnodes (id) ON DELETE CASCADE,
  label {{.Label}} NOT NULL,
  network_id BIGINT CONSTRAINT network_with_hnics_stays REFERENCES networks (id),
  CONSTRAINT hnic_label_is_unique_per_headnode UNIQUE (headnode_id, label)
);

--bun:split
CREATE INDEX IF NOT EXISTS hnics_by_network ON hnics (network_id);

--bun:split
CREATE TABLE IF NOT EXISTS maintenance_notices (
  id {{.Identity}},
  node TEXT NOT NULL,
  url TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  retry_at BIGINT NOT NULL,
  last_error TEXT NOT NULL
);
