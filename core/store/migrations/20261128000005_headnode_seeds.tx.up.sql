-- What a headnode's machine is told of itself at its first boot. A headnode without a row is told nothing. It may hold secrets, so it
-- stands apart from what is read for lists.
CREATE TABLE IF NOT EXISTS headnode_seeds (
  headnode_id BIGINT NOT NULL PRIMARY KEY CONSTRAINT headnode_seed_has_headnode REFERENCES headnodes (id) ON DELETE CASCADE,
  ssh_keys TEXT NOT NULL,
  user_data TEXT NOT NULL
);
