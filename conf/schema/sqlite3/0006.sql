-- conf/schema/sqlite3/0006.sql
-- The tables of mod_uptime_keys for SQLite 3, step 6; see 0001.sql.
--
-- Which secrets the last changes were about: servers that cache keys forget
-- these, and not all.

-- The last 1000 changes by the counter that they led to, with the secrets that
-- the key had before. A number that is missing is a change that may be about
-- any key.
-- makes: table uptime_log
CREATE TABLE IF NOT EXISTS uptime_log (
    number INTEGER NOT NULL PRIMARY KEY,
    key_hash VARCHAR(64) NOT NULL,
    previous_hash VARCHAR(64)
);

-- A trigger that raises the counter says here what to log, and as which number.
-- Whoever raises it in another way has logged nothing.
-- makes: column uptime_changes.logged
ALTER TABLE uptime_changes ADD COLUMN logged BIGINT;

-- makes: column uptime_changes.key_hash
ALTER TABLE uptime_changes ADD COLUMN key_hash VARCHAR(64);

-- makes: column uptime_changes.previous_hash
ALTER TABLE uptime_changes ADD COLUMN previous_hash VARCHAR(64);

-- Numbers that are not lower can only be there if the counter was set back.
-- makes: trigger uptime_changes_trimmed
CREATE TRIGGER IF NOT EXISTS uptime_changes_trimmed
BEFORE UPDATE ON uptime_changes
BEGIN
    DELETE FROM uptime_log WHERE number <= NEW.counter - 1000;
    DELETE FROM uptime_log WHERE number >= NEW.counter;
END;

-- makes: trigger uptime_changes_logged
CREATE TRIGGER IF NOT EXISTS uptime_changes_logged
AFTER UPDATE ON uptime_changes WHEN NEW.logged = NEW.counter
BEGIN
    INSERT INTO uptime_log (number, key_hash, previous_hash)
    VALUES (NEW.counter, NEW.key_hash, NEW.previous_hash);
END;

-- drops: trigger uptime_keys_deleted
DROP TRIGGER IF EXISTS uptime_keys_deleted;

-- makes: trigger uptime_keys_deleted
CREATE TRIGGER IF NOT EXISTS uptime_keys_deleted
AFTER DELETE ON uptime_keys
BEGIN
    UPDATE uptime_changes SET counter = counter + 1, logged = counter + 1,
        key_hash = OLD.key_hash, previous_hash = OLD.previous_hash
    WHERE id = 1;
END;

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
    UPDATE uptime_changes SET counter = counter + 1, logged = counter + 1,
        key_hash = OLD.key_hash, previous_hash = OLD.previous_hash
    WHERE id = 1;
END;

-- UPDATE OR REPLACE deletes other rows, and fires no trigger for them, as INSERT
-- OR REPLACE does (uptime_keys_replaced). Neither is logged: both are rare, and
-- may delete several rows.
-- makes: trigger uptime_keys_overwritten
CREATE TRIGGER IF NOT EXISTS uptime_keys_overwritten
BEFORE UPDATE OF id, team_id, slot, key_hash, previous_hash ON uptime_keys
WHEN EXISTS (SELECT 1 FROM uptime_keys WHERE id <> OLD.id AND (id = NEW.id
    OR key_hash = NEW.key_hash
    OR (team_id = NEW.team_id AND slot = NEW.slot)
    OR previous_hash = NEW.previous_hash))
BEGIN
    UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;
END;

INSERT OR IGNORE INTO uptime_schema (version) VALUES (6);

DELETE FROM uptime_schema WHERE version < 6;
