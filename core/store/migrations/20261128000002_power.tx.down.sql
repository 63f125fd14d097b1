DROP TABLE power_pace;
--bun:split
DROP TABLE powers;
