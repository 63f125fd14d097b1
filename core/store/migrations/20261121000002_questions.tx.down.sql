DROP TABLE checks;
--bun:split
DROP TABLE questions;
