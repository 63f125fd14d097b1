DROP TABLE IF EXISTS console_servers;

--bun:split
DROP TABLE IF EXISTS consoles;
