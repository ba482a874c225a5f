-- The tables of mod_uptime_keys for PostgreSQL 10 or later, step 3; see
-- 0002.sql.
--
-- Only MySQL's tables changed.

INSERT INTO uptime_schema (version) VALUES (3) ON CONFLICT DO NOTHING;

DELETE FROM uptime_schema WHERE version < 3;
