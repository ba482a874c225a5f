-- conf/schema/sqlite3/0005.sql
-- The tables of mod_uptime_keys for SQLite 3, step 5; see 0001.sql.
--
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
