-- The tables of mod_uptime_keys for SQLite 3, step 2; see 0001.sql.

-- INSERT OR REPLACE deletes without firing uptime_keys_deleted.
-- makes: trigger uptime_keys_replaced
CREATE TRIGGER IF NOT EXISTS uptime_keys_replaced
BEFORE INSERT ON uptime_keys
WHEN EXISTS (SELECT 1 FROM uptime_keys WHERE id = NEW.id
    OR key_hash = NEW.key_hash
    OR (team_id = NEW.team_id AND slot = NEW.slot))
BEGIN
    UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;
END;

-- Servers that cache keys. A row counts for ten minutes after seen_at.
-- makes: table uptime_servers
CREATE TABLE IF NOT EXISTS uptime_servers (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL
);

-- makes: index uptime_audit_key
CREATE INDEX IF NOT EXISTS uptime_audit_key ON uptime_audit (key_id);

INSERT OR IGNORE INTO uptime_schema (version) VALUES (2);

DELETE FROM uptime_schema WHERE version < 2;
