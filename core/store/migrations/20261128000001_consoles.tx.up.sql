-- What all servers know of serial consoles: on which one each is open, and whose it is. A node without a row is in its
-- first term, and its console is open nowhere.

CREATE TABLE IF NOT EXISTS consoles (
  node_id BIGINT NOT NULL PRIMARY KEY CONSTRAINT console_has_node REFERENCES nodes (id) ON DELETE CASCADE,
  term BIGINT NOT NULL,
  log_id TEXT NOT NULL,
  server TEXT NOT NULL,
  closed_until BIGINT NOT NULL
);

--bun:split
CREATE INDEX IF NOT EXISTS consoles_by_server ON consoles (server);

--bun:split
-- A server's claims on consoles hold until it has given no sign of life for a while, by the database's own clock.
CREATE TABLE IF NOT EXISTS console_servers (
  name TEXT NOT NULL PRIMARY KEY,
  address TEXT NOT NULL,
  until BIGINT NOT NULL
);
