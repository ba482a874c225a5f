-- conf/schema/mysql/0004.sql
-- The tables of mod_uptime_keys for MariaDB 10.3 and MySQL 8.0.29 or later,
-- step 4; see 0002.sql.
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
CREATE UNIQUE INDEX uptime_keys_previous ON uptime_keys (previous_hash);

-- A second trigger beside uptime_keys_changed, so that there is always one that
-- watches. Every column of this step but previous_used_at.
-- makes: trigger uptime_keys_narrowed
CREATE TRIGGER IF NOT EXISTS uptime_keys_narrowed
AFTER UPDATE ON uptime_keys FOR EACH ROW
UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1 AND NOT (
    NEW.disabled_at <=> OLD.disabled_at
    AND CAST(NEW.disabled_reason AS BINARY)
        <=> CAST(OLD.disabled_reason AS BINARY)
    AND CAST(NEW.addresses AS BINARY) <=> CAST(OLD.addresses AS BINARY)
    AND NEW.previous_hash <=> OLD.previous_hash
    AND CAST(NEW.previous_prefix AS BINARY)
        <=> CAST(OLD.previous_prefix AS BINARY)
    AND NEW.previous_ends_at <=> OLD.previous_ends_at);

INSERT IGNORE INTO uptime_schema (version) VALUES (4);

DELETE FROM uptime_schema WHERE version < 4;
