-- The server that has a headnode's console open, as long as it gives signs of life. A headnode without a row has it open nowhere.
CREATE TABLE IF NOT EXISTS headnode_consoles (
  headnode_id BIGINT NOT NULL PRIMARY KEY CONSTRAINT headnode_console_has_headnode REFERENCES headnodes (id) ON DELETE CASCADE,
  server TEXT NOT NULL
);

--bun:split
CREATE INDEX IF NOT EXISTS headnode_consoles_by_server ON headnode_consoles (server);
