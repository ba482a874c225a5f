-- conf/schema/pgsql/0004.sql
-- The tables of mod_uptime_keys for PostgreSQL 10 or later, step 4; see
-- 0002.sql.
--
-- A key can be disabled, rotated, and limited to addresses.

-- What exists is skipped silently.
SET client_min_messages = warning;

-- When a key was disabled; NULL: it is not. disabled_reason is "manual" or
-- "leaked".
-- makes: column uptime_keys.disabled_at
ALTER TABLE uptime_keys ADD COLUMN IF NOT EXISTS disabled_at BIGINT;

-- makes: column uptime_keys.disabled_reason
ALTER TABLE uptime_keys ADD COLUMN IF NOT EXISTS disabled_reason VARCHAR(16);

-- A JSON array of networks; NULL: the key works from anywhere.
-- makes: column uptime_keys.addresses
ALTER TABLE uptime_keys ADD COLUMN IF NOT EXISTS addresses VARCHAR(4000);

-- The secret before the last rotation, which works until previous_ends_at, or
-- until expires_at if that is earlier.
-- makes: column uptime_keys.previous_hash
ALTER TABLE uptime_keys
    ADD COLUMN IF NOT EXISTS previous_hash VARCHAR(64) COLLATE "C";

-- makes: column uptime_keys.previous_prefix
ALTER TABLE uptime_keys ADD COLUMN IF NOT EXISTS previous_prefix VARCHAR(15);

-- makes: column uptime_keys.previous_ends_at
ALTER TABLE uptime_keys ADD COLUMN IF NOT EXISTS previous_ends_at BIGINT;

-- makes: column uptime_keys.previous_used_at
ALTER TABLE uptime_keys ADD COLUMN IF NOT EXISTS previous_used_at BIGINT;

-- makes: index uptime_keys_previous
CREATE UNIQUE INDEX IF NOT EXISTS uptime_keys_previous
    ON uptime_keys (previous_hash) WHERE previous_hash IS NOT NULL;

-- Every column but last_used_at and previous_used_at.
-- drops: trigger uptime_keys_changed
DROP TRIGGER IF EXISTS uptime_keys_changed ON uptime_keys;

-- makes: trigger uptime_keys_changed
DROP TRIGGER IF EXISTS uptime_keys_changed ON uptime_keys;
CREATE TRIGGER uptime_keys_changed
AFTER UPDATE OF id, team_id, slot, name, key_hash, key_prefix, scopes,
    created_at, created_by, expires_at, disabled_at, disabled_reason, addresses,
    previous_hash, previous_prefix, previous_ends_at
ON uptime_keys
FOR EACH STATEMENT EXECUTE PROCEDURE uptime_keys_raise();

INSERT INTO uptime_schema (version) VALUES (4) ON CONFLICT DO NOTHING;

DELETE FROM uptime_schema WHERE version < 4;
