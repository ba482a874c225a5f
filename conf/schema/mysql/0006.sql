-- conf/schema/mysql/0006.sql
-- The tables of mod_uptime_keys for MariaDB 10.3 and MySQL 8.0.29 or later,
-- step 6; see 0002.sql.
--
-- Which secrets the last changes were about: servers that cache keys forget
-- these, and not all.

-- The last 1000 changes by the counter that they led to, with the secrets that
-- the key had before. A number that is missing is a change that may be about
-- any key. Wider by one than a hash, as in 0003.sql.
-- makes: table uptime_log
CREATE TABLE IF NOT EXISTS uptime_log (
    number BIGINT NOT NULL PRIMARY KEY,
    key_hash VARCHAR(65) NOT NULL,
    previous_hash VARCHAR(65)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A trigger that raises the counter says here what to log, and as which number.
-- Whoever raises it in another way has logged nothing.
-- makes: column uptime_changes.logged
ALTER TABLE uptime_changes ADD COLUMN logged BIGINT;

-- makes: column uptime_changes.key_hash
ALTER TABLE uptime_changes
    ADD COLUMN key_hash VARCHAR(65) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- makes: column uptime_changes.previous_hash
ALTER TABLE uptime_changes
    ADD COLUMN previous_hash VARCHAR(65)
        CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row each time: to look for all that are old would be slow in a transaction
-- that changes many keys, as it finds again what it has deleted. Numbers that
-- are not lower can only be there if the counter was set back.
-- makes: trigger uptime_changes_trimmed
CREATE TRIGGER IF NOT EXISTS uptime_changes_trimmed
BEFORE UPDATE ON uptime_changes FOR EACH ROW
DELETE FROM uptime_log
WHERE number = NEW.counter - 1000 OR number >= NEW.counter;

-- makes: trigger uptime_changes_logged
CREATE TRIGGER IF NOT EXISTS uptime_changes_logged
AFTER UPDATE ON uptime_changes FOR EACH ROW
INSERT INTO uptime_log (number, key_hash, previous_hash)
SELECT NEW.counter, NEW.key_hash, NEW.previous_hash FROM DUAL
WHERE NEW.logged = NEW.counter;

-- Triggers keep their names, and there is always one that watches: another one
-- stands in until the old one has been dropped and made again.
-- makes: trigger uptime_keys_removed
CREATE TRIGGER IF NOT EXISTS uptime_keys_removed
AFTER DELETE ON uptime_keys FOR EACH ROW
UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;

-- drops: trigger uptime_keys_deleted
DROP TRIGGER IF EXISTS uptime_keys_deleted;

-- logged comes first: MySQL assigns from left to right.
-- makes: trigger uptime_keys_deleted
CREATE TRIGGER IF NOT EXISTS uptime_keys_deleted
AFTER DELETE ON uptime_keys FOR EACH ROW
UPDATE uptime_changes SET logged = counter + 1, counter = counter + 1,
    key_hash = OLD.key_hash, previous_hash = OLD.previous_hash
WHERE id = 1;

-- drops: trigger uptime_keys_removed
DROP TRIGGER IF EXISTS uptime_keys_removed;

-- Instead of uptime_keys_changed, for a moment: everything counts.
-- makes: trigger uptime_keys_updated
CREATE TRIGGER IF NOT EXISTS uptime_keys_updated
AFTER UPDATE ON uptime_keys FOR EACH ROW
UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;

-- drops: trigger uptime_keys_changed
DROP TRIGGER IF EXISTS uptime_keys_changed;

-- Every column but last_used_at and previous_used_at. This database ignores
-- trailing spaces when it compares strings; the module does not.
-- makes: trigger uptime_keys_changed
CREATE TRIGGER IF NOT EXISTS uptime_keys_changed
AFTER UPDATE ON uptime_keys FOR EACH ROW
UPDATE uptime_changes SET logged = counter + 1, counter = counter + 1,
    key_hash = OLD.key_hash, previous_hash = OLD.previous_hash
WHERE id = 1 AND NOT (
    NEW.id <=> OLD.id AND NEW.team_id <=> OLD.team_id
    AND NEW.slot <=> OLD.slot AND NEW.key_hash <=> OLD.key_hash
    AND CAST(NEW.name AS BINARY) <=> CAST(OLD.name AS BINARY)
    AND CAST(NEW.key_prefix AS BINARY) <=> CAST(OLD.key_prefix AS BINARY)
    AND CAST(NEW.scopes AS BINARY) <=> CAST(OLD.scopes AS BINARY)
    AND NEW.created_at <=> OLD.created_at
    AND CAST(NEW.created_by AS BINARY) <=> CAST(OLD.created_by AS BINARY)
    AND NEW.expires_at <=> OLD.expires_at
    AND NEW.disabled_at <=> OLD.disabled_at
    AND CAST(NEW.disabled_reason AS BINARY)
        <=> CAST(OLD.disabled_reason AS BINARY)
    AND CAST(NEW.addresses AS BINARY) <=> CAST(OLD.addresses AS BINARY)
    AND NEW.previous_hash <=> OLD.previous_hash
    AND CAST(NEW.previous_prefix AS BINARY)
        <=> CAST(OLD.previous_prefix AS BINARY)
    AND NEW.previous_ends_at <=> OLD.previous_ends_at);

-- drops: trigger uptime_keys_narrowed
DROP TRIGGER IF EXISTS uptime_keys_narrowed;

-- drops: trigger uptime_keys_updated
DROP TRIGGER IF EXISTS uptime_keys_updated;

INSERT IGNORE INTO uptime_schema (version) VALUES (6);

DELETE FROM uptime_schema WHERE version < 6;
