-- The tables of mod_uptime_keys for MariaDB 10.3 and MySQL 8.0.29 or later,
-- step 2; there was no version 1.
--
-- `uptime-keys init` applies the steps that a database lacks. By hand, in the
-- order of their numbers:
--     mariadb DATABASE < 0002.sql; mariadb DATABASE < 0003.sql …
-- They can be loaded again: what exists stays, and what an interruption left
-- undone is done. Times are milliseconds since 1970 UTC.
--
-- A server with a binary log lets only its administrators create triggers,
-- unless log_bin_trust_function_creators is on. Another user for httpd needs
--     GRANT SELECT, INSERT, UPDATE, DELETE ON DATABASE.* TO …
-- TRUNCATE fires no trigger: delete keys with DELETE.
--
-- A semicolon and an empty line end a statement. A comment that begins with
-- "makes:" names what the next statement makes, and init runs that statement
-- only where it is missing. An index that CREATE TABLE makes has a statement of
-- its own in a comment, "restores:", as MySQL has no CREATE INDEX IF NOT
-- EXISTS. mod_uptime_keys/store/steps.h has all about it.

-- makes: table uptime_schema
CREATE TABLE IF NOT EXISTS uptime_schema (
    version INTEGER NOT NULL PRIMARY KEY
) ENGINE = InnoDB;

-- makes: table uptime_teams
CREATE TABLE IF NOT EXISTS uptime_teams (
    id VARCHAR(63) NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    created_at BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- owner_of stands for a partial index: a team has one owner.
-- makes: table uptime_members
CREATE TABLE IF NOT EXISTS uptime_members (
    team_id VARCHAR(63) NOT NULL,
    user_name VARCHAR(255) NOT NULL,
    role VARCHAR(6) NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    owner_of VARCHAR(63)
        AS (CASE WHEN role = 'owner' THEN team_id END) STORED,
    PRIMARY KEY (team_id, user_name),
    UNIQUE KEY uptime_members_owner (owner_of),
    KEY uptime_members_user (user_name),
    FOREIGN KEY (team_id) REFERENCES uptime_teams (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- restores: index uptime_members_owner
--     CREATE UNIQUE INDEX uptime_members_owner ON uptime_members (owner_of);

-- restores: index uptime_members_user
--     CREATE INDEX uptime_members_user ON uptime_members (user_name);

-- The unique (team_id, slot) enforces the limit of keys of a team, however many
-- servers create keys at the same moment.
-- makes: table uptime_keys
CREATE TABLE IF NOT EXISTS uptime_keys (
    id VARCHAR(30) NOT NULL PRIMARY KEY,
    team_id VARCHAR(63) NOT NULL,
    slot INTEGER NOT NULL CHECK (slot >= 1),
    name VARCHAR(255) NOT NULL,
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

-- restores: index uptime_keys_hash
--     CREATE UNIQUE INDEX uptime_keys_hash ON uptime_keys (key_hash);

-- restores: index uptime_keys_slot
--     CREATE UNIQUE INDEX uptime_keys_slot ON uptime_keys (team_id, slot);

-- One row. Every deletion or change of a key raises the counter.
-- makes: table uptime_changes
CREATE TABLE IF NOT EXISTS uptime_changes (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    counter BIGINT NOT NULL
) ENGINE = InnoDB;

-- makes: row uptime_changes
INSERT IGNORE INTO uptime_changes (id, counter) VALUES (1, 0);

-- makes: trigger uptime_keys_deleted
CREATE TRIGGER IF NOT EXISTS uptime_keys_deleted
AFTER DELETE ON uptime_keys FOR EACH ROW
UPDATE uptime_changes SET counter = counter + 1 WHERE id = 1;

-- Every column but last_used_at. This database ignores trailing spaces when it
-- compares strings; the module does not.
-- makes: trigger uptime_keys_changed
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

-- ON DELETE CASCADE would fire no trigger for the keys that it deletes.
-- makes: trigger uptime_teams_keys
CREATE TRIGGER IF NOT EXISTS uptime_teams_keys
BEFORE DELETE ON uptime_teams FOR EACH ROW
DELETE FROM uptime_keys WHERE team_id = OLD.id;

-- makes: trigger uptime_teams_members
CREATE TRIGGER IF NOT EXISTS uptime_teams_members
BEFORE DELETE ON uptime_teams FOR EACH ROW
DELETE FROM uptime_members WHERE team_id = OLD.id;

-- Servers that cache keys. A row counts for ten minutes after seen_at.
-- makes: table uptime_servers
CREATE TABLE IF NOT EXISTS uptime_servers (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Who created and deleted what. Rows are never changed.
-- makes: table uptime_audit
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

-- restores: index uptime_audit_at
--     CREATE INDEX uptime_audit_at ON uptime_audit (at);

-- restores: index uptime_audit_key
--     CREATE INDEX uptime_audit_key ON uptime_audit (key_id);

INSERT IGNORE INTO uptime_schema (version) VALUES (2);
