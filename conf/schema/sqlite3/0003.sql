-- The tables of mod_uptime_keys for SQLite 3, step 3; see 0001.sql.
--
-- Only MySQL's tables changed.

INSERT OR IGNORE INTO uptime_schema (version) VALUES (3);

DELETE FROM uptime_schema WHERE version < 3;
