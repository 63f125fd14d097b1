DROP TABLE IF EXISTS hnic_pluggings;
