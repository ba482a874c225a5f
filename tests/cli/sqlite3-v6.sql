-- The tables of mod_uptime_keys for SQLite 3, version 6.
--
-- `uptime-keys init` runs this file; `sqlite3 FILE < sqlite3.sql` does the same
-- by hand, after `PRAGMA journal_mode=WAL`. It can be run again: what is there
-- stays. A semicolon and an empty line end a statement. Times are milliseconds
-- since 1970 UTC.

CREATE TABLE IF NOT EXISTS uptime_schema (
    version INTEGER NOT NULL PRIMARY KEY
);

CREATE TABLE IF NOT EXISTS uptime_teams (
    id VARCHAR(63) NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS uptime_members (
    team_id VARCHAR(63) NOT NULL
        REFERENCES uptime_teams (id) ON DELETE CASCADE,
    user_name VARCHAR(255) NOT NULL,
    role VARCHAR(6) NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    PRIMARY KEY (team_id, user_name)
);

-- One owner a team.
CREATE UNIQUE INDEX IF NOT EXISTS uptime_members_owner
    ON uptime_members (team_id) WHERE role = 'owner';

CREATE INDEX IF NOT EXISTS uptime_members_user
    ON uptime_members (user_name);

-- The unique (team_id, slot) is what holds the limit of keys a team, whatever
-- happens at the same moment on however many servers.
CREATE TABLE IF NOT EXISTS uptime_keys (
    id VARCHAR(30) NOT NULL PRIMARY KEY,
    team_id VARCHAR(63) NOT NULL
        REFERENCES uptime_teams (id) ON DELETE CASCADE,
    slot INTEGER NOT NULL CHECK (slot >= 1),
    name VARCHAR(255) NOT NULL,
    key_hash VARCHAR(64) NOT NULL UNIQUE,
    key_prefix VARCHAR(15) NOT NULL,
    scopes VARCHAR(4000) NOT NULL,
    created_at BIGINT NOT NULL,
    created_by VARCHAR(255),
    last_used_at BIGINT,
    expires_at BIGINT,
    UNIQUE (team_id, slot)
);

-- One row, raised by whatever takes a key away or changes what it may do.
CREATE TABLE IF NOT EXISTS uptime_changes (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    counter BIGINT NOT NULL
);

INSERT OR IGNORE INTO uptime_changes (id, counter) VALUES (1, 0);

CREATE TRIGGER IF NOT EXISTS uptime_keys_deleted
AFTER DELETE ON uptime_keys
BEGIN
    UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;
END;

CREATE TRIGGER IF NOT EXISTS uptime_keys_changed
AFTER UPDATE OF id, team_id, slot, name, key_hash, key_prefix, scopes,
    created_at, created_by, expires_at
ON uptime_keys
BEGIN
    UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;
END;

-- INSERT OR REPLACE deletes without raising the trigger above.
CREATE TRIGGER IF NOT EXISTS uptime_keys_replaced
BEFORE INSERT ON uptime_keys
WHEN EXISTS (SELECT 1 FROM uptime_keys WHERE id = NEW.id
    OR key_hash = NEW.key_hash
    OR (team_id = NEW.team_id AND slot = NEW.slot))
BEGIN
    UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;
END;

-- Servers that keep copies of keys, each until a while after seen_at. Since
-- version 2.
CREATE TABLE IF NOT EXISTS uptime_servers (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL
);

-- SQLite leaves foreign keys alone unless each connection asks for them.
CREATE TRIGGER IF NOT EXISTS uptime_teams_deleted
AFTER DELETE ON uptime_teams
BEGIN
    DELETE FROM uptime_keys WHERE team_id = OLD.id;
    DELETE FROM uptime_members WHERE team_id = OLD.id;
END;

-- Who made and deleted what; nothing here is ever changed.
CREATE TABLE IF NOT EXISTS uptime_audit (
    id INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor VARCHAR(255) NOT NULL,
    source VARCHAR(255) NOT NULL,
    action VARCHAR(32) NOT NULL,
    team_id VARCHAR(63) NOT NULL,
    key_id VARCHAR(30)
);

CREATE INDEX IF NOT EXISTS uptime_audit_at ON uptime_audit (at);

-- Since version 2.
CREATE INDEX IF NOT EXISTS uptime_audit_key ON uptime_audit (key_id);

INSERT OR IGNORE INTO uptime_schema (version) VALUES (3);

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

-- Who did what can be listed: a row names its key, also when the key is gone.

-- Name and prefix of the key then.
-- makes: column uptime_audit.key_name
ALTER TABLE uptime_audit ADD COLUMN key_name VARCHAR(255);

-- makes: column uptime_audit.key_prefix
ALTER TABLE uptime_audit ADD COLUMN key_prefix VARCHAR(15);

-- What was changed, as a JSON object; NULL: there is no more to say.
-- makes: column uptime_audit.detail
ALTER TABLE uptime_audit ADD COLUMN detail VARCHAR(2000);

UPDATE uptime_audit SET
    key_name = (SELECT name FROM uptime_keys
        WHERE uptime_keys.id = uptime_audit.key_id),
    key_prefix = (SELECT key_prefix FROM uptime_keys
        WHERE uptime_keys.id = uptime_audit.key_id)
WHERE key_id IS NOT NULL AND key_name IS NULL;

-- A list is in the order of at and id; SQLite's indexes end with the id.
-- makes: index uptime_audit_team
CREATE INDEX IF NOT EXISTS uptime_audit_team ON uptime_audit (team_id, at);

-- makes: index uptime_audit_actor
CREATE INDEX IF NOT EXISTS uptime_audit_actor
    ON uptime_audit (team_id, actor, at);

-- makes: index uptime_audit_action
CREATE INDEX IF NOT EXISTS uptime_audit_action
    ON uptime_audit (team_id, action, at);

-- makes: index uptime_audit_key_at
CREATE INDEX IF NOT EXISTS uptime_audit_key_at ON uptime_audit (key_id, at);

-- drops: index uptime_audit_key
DROP INDEX IF EXISTS uptime_audit_key;

INSERT OR IGNORE INTO uptime_schema (version) VALUES (5);

DELETE FROM uptime_schema WHERE version < 5;

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
