-- The tables of mod_uptime_keys for MariaDB 10.3 and MySQL 8.0.29 or later,
-- version 6.
--
-- `uptime-keys init` runs this file; `mariadb DATABASE < mysql.sql` does the
-- same by hand. It can be run again: what is there stays, and what an
-- interruption left undone is done. A semicolon and an empty line end a
-- statement. Times are milliseconds since 1970 UTC.
--
-- A server with a binary log lets nobody but its administrators make triggers,
-- unless log_bin_trust_function_creators is on. Another user for httpd needs
--     GRANT SELECT, INSERT, UPDATE, DELETE ON DATABASE.* TO …
-- TRUNCATE raises no trigger: delete keys with DELETE.

CREATE TABLE IF NOT EXISTS uptime_schema (
    version INTEGER NOT NULL PRIMARY KEY
) ENGINE = InnoDB;

-- Names have at most 255 characters. The columns are wider by one, because
-- apr_dbd's driver for ODBC makes room for as many bytes as a column holds, and
-- none for what ends a text.
CREATE TABLE IF NOT EXISTS uptime_teams (
    id VARCHAR(63) NOT NULL PRIMARY KEY,
    name VARCHAR(256) NOT NULL,
    created_at BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- owner_of is what an index over the owners alone would be: one owner a team.
CREATE TABLE IF NOT EXISTS uptime_members (
    team_id VARCHAR(63) NOT NULL,
    user_name VARCHAR(256) NOT NULL,
    role VARCHAR(6) NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    owner_of VARCHAR(63)
        AS (CASE WHEN role = 'owner' THEN team_id END) STORED,
    PRIMARY KEY (team_id, user_name),
    UNIQUE KEY uptime_members_owner (owner_of),
    KEY uptime_members_user (user_name),
    FOREIGN KEY (team_id) REFERENCES uptime_teams (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The unique (team_id, slot) is what holds the limit of keys a team, whatever
-- happens at the same moment on however many servers.
CREATE TABLE IF NOT EXISTS uptime_keys (
    id VARCHAR(30) NOT NULL PRIMARY KEY,
    team_id VARCHAR(63) NOT NULL,
    slot INTEGER NOT NULL CHECK (slot >= 1),
    name VARCHAR(256) NOT NULL,
    key_hash VARCHAR(64) NOT NULL,
    key_prefix VARCHAR(15) NOT NULL,
    scopes VARCHAR(4000) NOT NULL,
    created_at BIGINT NOT NULL,
    created_by VARCHAR(255),
    last_used_at BIGINT,
    expires_at BIGINT,
    UNIQUE KEY uptime_keys_hash (key_hash),
    UNIQUE KEY uptime_keys_slot (team_id, slot),
    FOREIGN KEY (team_id) REFERENCES uptime_teams (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row, raised by whatever takes a key away or changes what it may do.
CREATE TABLE IF NOT EXISTS uptime_changes (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    counter BIGINT NOT NULL
) ENGINE = InnoDB;

INSERT IGNORE INTO uptime_changes (id, counter) VALUES (1, 0);

CREATE TRIGGER IF NOT EXISTS uptime_keys_deleted
AFTER DELETE ON uptime_keys FOR EACH ROW
UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;

-- Spaces at the end of a text make no difference to this database, but to us.
CREATE TRIGGER IF NOT EXISTS uptime_keys_changed
AFTER UPDATE ON uptime_keys FOR EACH ROW
UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1 AND NOT (
    NEW.id <=> OLD.id AND NEW.team_id <=> OLD.team_id
    AND NEW.slot <=> OLD.slot AND NEW.key_hash <=> OLD.key_hash
    AND CAST(NEW.name AS BINARY) <=> CAST(OLD.name AS BINARY)
    AND CAST(NEW.key_prefix AS BINARY) <=> CAST(OLD.key_prefix AS BINARY)
    AND CAST(NEW.scopes AS BINARY) <=> CAST(OLD.scopes AS BINARY)
    AND NEW.created_at <=> OLD.created_at
    AND CAST(NEW.created_by AS BINARY) <=> CAST(OLD.created_by AS BINARY)
    AND NEW.expires_at <=> OLD.expires_at);

-- ON DELETE CASCADE would raise no trigger for the keys it deletes.
CREATE TRIGGER IF NOT EXISTS uptime_teams_keys
BEFORE DELETE ON uptime_teams FOR EACH ROW
DELETE FROM uptime_keys WHERE team_id = OLD.id;

CREATE TRIGGER IF NOT EXISTS uptime_teams_members
BEFORE DELETE ON uptime_teams FOR EACH ROW
DELETE FROM uptime_members WHERE team_id = OLD.id;

-- Servers that keep copies of keys, each until a while after seen_at.
CREATE TABLE IF NOT EXISTS uptime_servers (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Who made and deleted what; nothing here is ever changed.
CREATE TABLE IF NOT EXISTS uptime_audit (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor VARCHAR(255) NOT NULL,
    source VARCHAR(255) NOT NULL,
    action VARCHAR(32) NOT NULL,
    team_id VARCHAR(63) NOT NULL,
    key_id VARCHAR(30),
    KEY uptime_audit_at (at),
    KEY uptime_audit_key (key_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Once they were not.
ALTER TABLE uptime_teams MODIFY name VARCHAR(256) NOT NULL;

ALTER TABLE uptime_members MODIFY user_name VARCHAR(256) NOT NULL;

ALTER TABLE uptime_keys MODIFY name VARCHAR(256) NOT NULL;

INSERT IGNORE INTO uptime_schema (version) VALUES (3);

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

-- Who did what can be listed: a row names its key, also when the key is gone.

-- Wider by one than a name, as in 0003.sql.
-- makes: column uptime_audit.actor varchar(256)
ALTER TABLE uptime_audit MODIFY actor VARCHAR(256) NOT NULL;

-- Name and prefix of the key then.
-- makes: column uptime_audit.key_name
ALTER TABLE uptime_audit ADD COLUMN key_name VARCHAR(256);

-- makes: column uptime_audit.key_prefix
ALTER TABLE uptime_audit ADD COLUMN key_prefix VARCHAR(15);

-- What was changed, as a JSON object; NULL: there is no more to say.
-- makes: column uptime_audit.detail
ALTER TABLE uptime_audit ADD COLUMN detail VARCHAR(2000);

UPDATE uptime_audit JOIN uptime_keys ON uptime_keys.id = uptime_audit.key_id
SET uptime_audit.key_name = uptime_keys.name,
    uptime_audit.key_prefix = uptime_keys.key_prefix
WHERE uptime_audit.key_name IS NULL;

-- A list is in the order of at and id.
-- makes: index uptime_audit_team
CREATE INDEX uptime_audit_team ON uptime_audit (team_id, at, id);

-- makes: index uptime_audit_actor
CREATE INDEX uptime_audit_actor ON uptime_audit (team_id, actor, at, id);

-- makes: index uptime_audit_action
CREATE INDEX uptime_audit_action ON uptime_audit (team_id, action, at, id);

-- makes: index uptime_audit_key_at
CREATE INDEX uptime_audit_key_at ON uptime_audit (key_id, at, id);

-- drops: index uptime_audit_key
DROP INDEX uptime_audit_key ON uptime_audit;

INSERT IGNORE INTO uptime_schema (version) VALUES (5);

DELETE FROM uptime_schema WHERE version < 5;

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
