DROP TABLE maintenance_notices;
--bun:split
DROP TABLE hnics;
--bun:split
DROP TABLE headnodes;
--bun:split
DROP TABLE actions;
--bun:split
DROP TABLE attachments;
--bun:split
DROP TABLE network_accesses;
--bun:split
DROP TABLE networks;
--bun:split
DROP TABLE nics;
--bun:split
DROP TABLE port_vlans;
--bun:split
DROP TABLE ports;
--bun:split
DROP TABLE lanes;
--bun:split
DROP TABLE switches;
--bun:split
DROP TABLE metadata;
--bun:split
DROP TABLE nodes;
--bun:split
DROP TABLE user_projects;
--bun:split
DROP TABLE users;
--bun:split
DROP TABLE projects;
