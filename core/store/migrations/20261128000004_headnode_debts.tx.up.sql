-- Machines of deleted headnodes, until their hosts have confirmed that they are gone. Times are the database's own, for
-- several servers compare them.

CREATE TABLE IF NOT EXISTS headnode_debts (
  machine TEXT NOT NULL PRIMARY KEY,
  host TEXT NOT NULL,
  headnode {{.Label}} NOT NULL,
  project {{.Label}} NOT NULL,
  project_id BIGINT CONSTRAINT headnode_debt_names_project REFERENCES projects (id) ON DELETE SET NULL,
  since BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  last_error TEXT NOT NULL,
  retry_at BIGINT NOT NULL
);

--bun:split
CREATE INDEX IF NOT EXISTS headnode_debts_by_project ON headnode_debts (project_id);

--bun:split
-- The networks such a machine may still be on.
CREATE TABLE IF NOT EXISTS headnode_debt_networks (
  machine TEXT NOT NULL CONSTRAINT debt_network_has_debt REFERENCES headnode_debts (machine) ON DELETE CASCADE,
  network_id BIGINT NOT NULL CONSTRAINT network_with_headnode_debts_stays REFERENCES networks (id),
  CONSTRAINT network_is_owed_once PRIMARY KEY (machine, network_id)
);

--bun:split
CREATE INDEX IF NOT EXISTS headnode_debt_networks_by_network ON headnode_debt_networks (network_id);

--bun:split
-- Starts of headnodes that are under way, until when they can be at most: each may make the machine once more. The last of a
-- machine stays when it is over.
CREATE TABLE IF NOT EXISTS headnode_starts (
  id {{.Identity}},
  machine TEXT NOT NULL,
  until BIGINT NOT NULL
);

--bun:split
CREATE INDEX IF NOT EXISTS headnode_starts_by_machine ON headnode_starts (machine);

--bun:split
-- The host that a headnode was placed on. A headnode without a row was never started, or its host has no name. This is no
-- column of headnodes because adding a column could not be run again if the program was killed before its mark.
CREATE TABLE IF NOT EXISTS headnode_places (
  headnode_id BIGINT NOT NULL PRIMARY KEY CONSTRAINT headnode_place_has_headnode REFERENCES headnodes (id) ON DELETE CASCADE,
  host TEXT NOT NULL
);
