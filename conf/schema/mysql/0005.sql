-- conf/schema/mysql/0005.sql
-- The tables of mod_uptime_keys for MariaDB 10.3 and MySQL 8.0.29 or later,
-- step 5; see 0002.sql.
--
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
