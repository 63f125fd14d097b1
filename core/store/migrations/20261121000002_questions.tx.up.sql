-- Questions are what somebody wants to know of a switch now; the server that holds its lane answers them. They live for
-- minutes. Times of questions are the database's own, for several servers compare them.

CREATE TABLE IF NOT EXISTS questions (
  id {{.Identity}},
  switch_id BIGINT NOT NULL CONSTRAINT question_has_switch REFERENCES switches (id) ON DELETE CASCADE,
  what TEXT NOT NULL,
  until BIGINT NOT NULL,
  answered BOOLEAN NOT NULL,
  answer TEXT NOT NULL
);

--bun:split
CREATE INDEX IF NOT EXISTS questions_waiting ON questions (switch_id) WHERE NOT answered;

--bun:split
-- When all ports of a switch were last held against its running configuration. A switch without a row is due. This is
-- no column of lanes because adding a column could not be run again if the program was killed before its mark.
CREATE TABLE IF NOT EXISTS checks (
  switch_id BIGINT NOT NULL PRIMARY KEY CONSTRAINT check_has_switch REFERENCES switches (id) ON DELETE CASCADE,
  checked_at BIGINT NOT NULL
);
