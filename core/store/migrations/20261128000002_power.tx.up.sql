-- What each node's power was last seen to be, and when its controller is asked again. A node without a row was never asked,
-- and is due. Times are the database's own, for several servers compare them.

CREATE TABLE IF NOT EXISTS powers (
  node_id BIGINT NOT NULL PRIMARY KEY CONSTRAINT power_has_node REFERENCES nodes (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  error TEXT NOT NULL,
  told_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  wanted_gen BIGINT NOT NULL,
  seen_gen BIGINT NOT NULL,
  claimed_until BIGINT NOT NULL,
  CONSTRAINT power_state_is_known CHECK (state IN ('on', 'off', 'unknown'))
);

--bun:split
-- When the next node may be asked, in one row that all servers share: together they keep to the rate.
CREATE TABLE IF NOT EXISTS power_pace (
  free_at BIGINT NOT NULL
);

--bun:split
INSERT INTO power_pace (free_at) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM power_pace);
