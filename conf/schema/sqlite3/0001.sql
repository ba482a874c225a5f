-- The tables of mod_uptime_keys for SQLite 3, step 1.
--
-- `uptime-keys init` applies the steps that a database lacks. By hand, after
-- `PRAGMA journal_mode=WAL` and in the order of their numbers:
--     sqlite3 FILE < 0001.sql; sqlite3 FILE < 0002.sql …
-- They can be loaded again: what exists stays. Times are milliseconds since
-- 1970 UTC.
--
-- A semicolon and an empty line end a statement. A comment that begins with
-- "makes:" names what the next statement makes, and init runs that statement
-- only where it is missing. mod_uptime_keys/store/steps.h has all about it.

-- makes: table uptime_schema
CREATE TABLE IF NOT EXISTS uptime_schema (
    version INTEGER NOT NULL PRIMARY KEY
);

-- makes: table uptime_teams
CREATE TABLE IF NOT EXISTS uptime_teams (
    id VARCHAR(63) NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    created_at BIGINT NOT NULL
);

-- makes: table uptime_members
CREATE TABLE IF NOT EXISTS uptime_members (
    team_id VARCHAR(63) NOT NULL
        REFERENCES uptime_teams (id) ON DELETE CASCADE,
    user_name VARCHAR(255) NOT NULL,
    role VARCHAR(6) NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    PRIMARY KEY (team_id, user_name)
);

-- A team has one owner.
-- makes: index uptime_members_owner
CREATE UNIQUE INDEX IF NOT EXISTS uptime_members_owner
    ON uptime_members (team_id) WHERE role = 'owner';

-- makes: index uptime_members_user
CREATE INDEX IF NOT EXISTS uptime_members_user
    ON uptime_members (user_name);

-- The unique (team_id, slot) enforces the limit of keys of a team, however many
-- servers create keys at the same moment.
-- makes: table uptime_keys
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

-- One row. Every deletion or change of a key raises the counter.
-- makes: table uptime_changes
CREATE TABLE IF NOT EXISTS uptime_changes (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    counter BIGINT NOT NULL
);

-- makes: row uptime_changes
INSERT OR IGNORE INTO uptime_changes (id, counter) VALUES (1, 0);

-- makes: trigger uptime_keys_deleted
CREATE TRIGGER IF NOT EXISTS uptime_keys_deleted
AFTER DELETE ON uptime_keys
BEGIN
    UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;
END;

-- Every column but last_used_at.
-- makes: trigger uptime_keys_changed
CREATE TRIGGER IF NOT EXISTS uptime_keys_changed
AFTER UPDATE OF id, team_id, slot, name, key_hash, key_prefix, scopes,
    created_at, created_by, expires_at
ON uptime_keys
BEGIN
    UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;
END;

-- SQLite ignores foreign keys unless a connection turns them on.
-- makes: trigger uptime_teams_deleted
CREATE TRIGGER IF NOT EXISTS uptime_teams_deleted
AFTER DELETE ON uptime_teams
BEGIN
    DELETE FROM uptime_keys WHERE team_id = OLD.id;
    DELETE FROM uptime_members WHERE team_id = OLD.id;
END;

-- Who created and deleted what. Rows are never changed.
-- makes: table uptime_audit
CREATE TABLE IF NOT EXISTS uptime_audit (
    id INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor VARCHAR(255) NOT NULL,
    source VARCHAR(255) NOT NULL,
    action VARCHAR(32) NOT NULL,
    team_id VARCHAR(63) NOT NULL,
    key_id VARCHAR(30)
);

-- makes: index uptime_audit_at
CREATE INDEX IF NOT EXISTS uptime_audit_at ON uptime_audit (at);

INSERT OR IGNORE INTO uptime_schema (version) VALUES (1);
