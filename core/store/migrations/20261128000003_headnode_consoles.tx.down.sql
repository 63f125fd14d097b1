DROP TABLE IF EXISTS headnode_consoles;
