-- conf/schema/sqlite3/0004.sql
-- The tables of mod_uptime_keys for SQLite 3, step 4; see 0001.sql.
--
-- A key can be disabled, rotated, and limited to addresses.

-- When a key was disabled; NULL: it is not. disabled_reason is "manual" or
-- "leaked".
-- makes: column uptime_keys.disabled_at
ALTER TABLE uptime_keys ADD COLUMN disabled_at BIGINT;

-- makes: column uptime_keys.disabled_reason
ALTER TABLE uptime_keys ADD COLUMN disabled_reason VARCHAR(16);

-- A JSON array of networks; NULL: the key works from anywhere.
-- makes: column uptime_keys.addresses
ALTER TABLE uptime_keys ADD COLUMN addresses VARCHAR(4000);

-- The secret before the last rotation, which works until previous_ends_at, or
-- until expires_at if that is earlier.
-- makes: column uptime_keys.previous_hash
ALTER TABLE uptime_keys ADD COLUMN previous_hash VARCHAR(64);

-- makes: column uptime_keys.previous_prefix
ALTER TABLE uptime_keys ADD COLUMN previous_prefix VARCHAR(15);

-- makes: column uptime_keys.previous_ends_at
ALTER TABLE uptime_keys ADD COLUMN previous_ends_at BIGINT;

-- makes: column uptime_keys.previous_used_at
ALTER TABLE uptime_keys ADD COLUMN previous_used_at BIGINT;

-- makes: index uptime_keys_previous
CREATE UNIQUE INDEX IF NOT EXISTS uptime_keys_previous
    ON uptime_keys (previous_hash) WHERE previous_hash IS NOT NULL;

-- Every column but last_used_at and previous_used_at.
-- drops: trigger uptime_keys_changed
DROP TRIGGER IF EXISTS uptime_keys_changed;

-- makes: trigger uptime_keys_changed
CREATE TRIGGER IF NOT EXISTS uptime_keys_changed
AFTER UPDATE OF id, team_id, slot, name, key_hash, key_prefix, scopes,
    created_at, created_by, expires_at, disabled_at, disabled_reason, addresses,
    previous_hash, previous_prefix, previous_ends_at
ON uptime_keys
BEGIN
    UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;
END;

-- drops: trigger uptime_keys_replaced
DROP TRIGGER IF EXISTS uptime_keys_replaced;

-- makes: trigger uptime_keys_replaced
CREATE TRIGGER IF NOT EXISTS uptime_keys_replaced
BEFORE INSERT ON uptime_keys
WHEN EXISTS (SELECT 1 FROM uptime_keys WHERE id = NEW.id
    OR key_hash = NEW.key_hash
    OR (team_id = NEW.team_id AND slot = NEW.slot)
    OR previous_hash = NEW.previous_hash)
BEGIN
    UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;
END;

INSERT OR IGNORE INTO uptime_schema (version) VALUES (4);

DELETE FROM uptime_schema WHERE version < 4;
