-- Until when, in milliseconds by the database's clock, somebody may be plugging the NIC of a headnode that was started; nobody
-- else plugs it meanwhile. A NIC without a row is nobody's.
CREATE TABLE IF NOT EXISTS hnic_pluggings (
  hnic_id BIGINT NOT NULL PRIMARY KEY CONSTRAINT plugging_has_hnic REFERENCES hnics (id) ON DELETE CASCADE,
  until BIGINT NOT NULL
);
