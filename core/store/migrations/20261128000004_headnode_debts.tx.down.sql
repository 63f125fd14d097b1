DROP TABLE IF EXISTS headnode_places;

--bun:split
DROP TABLE IF EXISTS headnode_starts;

--bun:split
DROP TABLE IF EXISTS headnode_debt_networks;

--bun:split
DROP TABLE IF EXISTS headnode_debts;
