DROP TABLE IF EXISTS headnode_seeds;
