-- conf/schema/pgsql/0005.sql
-- The tables of mod_uptime_keys for PostgreSQL 10 or later, step 5; see
-- 0002.sql.
--
-- Who did what can be listed: a row names its key, also when the key is gone.

-- What exists is skipped silently.
SET client_min_messages = warning;

-- Name and prefix of the key then.
-- makes: column uptime_audit.key_name
ALTER TABLE uptime_audit ADD COLUMN IF NOT EXISTS key_name VARCHAR(255);

-- makes: column uptime_audit.key_prefix
ALTER TABLE uptime_audit ADD COLUMN IF NOT EXISTS key_prefix VARCHAR(15);

-- What was changed, as a JSON object; NULL: there is no more to say.
-- makes: column uptime_audit.detail
ALTER TABLE uptime_audit ADD COLUMN IF NOT EXISTS detail VARCHAR(2000);

UPDATE uptime_audit SET key_name = uptime_keys.name,
    key_prefix = uptime_keys.key_prefix
FROM uptime_keys
WHERE uptime_keys.id = uptime_audit.key_id AND uptime_audit.key_name IS NULL;

-- A list is in the order of at and id.
-- makes: index uptime_audit_team
CREATE INDEX IF NOT EXISTS uptime_audit_team ON uptime_audit (team_id, at, id);

-- makes: index uptime_audit_actor
CREATE INDEX IF NOT EXISTS uptime_audit_actor
    ON uptime_audit (team_id, actor, at, id);

-- makes: index uptime_audit_action
CREATE INDEX IF NOT EXISTS uptime_audit_action
    ON uptime_audit (team_id, action, at, id);

-- makes: index uptime_audit_key_at
CREATE INDEX IF NOT EXISTS uptime_audit_key_at
    ON uptime_audit (key_id, at, id);

-- drops: index uptime_audit_key
DROP INDEX IF EXISTS uptime_audit_key;

-- drops: index uptime_audit_at
DROP INDEX IF EXISTS uptime_audit_at;

-- makes: index uptime_audit_at
CREATE INDEX IF NOT EXISTS uptime_audit_at ON uptime_audit (at, id);

INSERT INTO uptime_schema (version) VALUES (5) ON CONFLICT DO NOTHING;

DELETE FROM uptime_schema WHERE version < 5;
