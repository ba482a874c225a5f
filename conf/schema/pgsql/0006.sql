-- conf/schema/pgsql/0006.sql
-- The tables of mod_uptime_keys for PostgreSQL 10 or later, step 6; see
-- 0002.sql.
--
-- Which secrets the last changes were about: servers that cache keys forget
-- these, and not all.

-- What exists is skipped silently.
SET client_min_messages = warning;

-- The last 1000 changes by the counter that they led to, with the secrets that
-- the key had before. A number that is missing is a change that may be about
-- any key.
-- makes: table uptime_log
CREATE TABLE IF NOT EXISTS uptime_log (
    number BIGINT NOT NULL PRIMARY KEY,
    key_hash VARCHAR(64) COLLATE "C" NOT NULL,
    previous_hash VARCHAR(64) COLLATE "C"
);

-- A user who may raise the counter may also write the log.
DO $$
DECLARE
    granted RECORD;
BEGIN
    FOR granted IN
        SELECT privilege_type AS privilege, CASE grantee WHEN 0 THEN 'PUBLIC'
            ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee
        FROM pg_class, aclexplode(relacl)
        WHERE oid = to_regclass('uptime_changes') AND grantee <> relowner
    LOOP
        EXECUTE format('GRANT %s ON uptime_log TO %s', granted.privilege,
                       granted.grantee);
    END LOOP;
END
$$;

-- Once for each statement: a thousand updates of the counter's row in one
-- transaction would be slow. Rows that have the same values in all columns but
-- last_used_at and previous_used_at before and after it were not changed, so a
-- new column is watched without further ado. More changes than the log keeps are
-- not logged, and raise the counter by one. The tables are in the schema of
-- uptime_keys, whatever the search path of the session is.
-- makes: function uptime_keys_log
CREATE OR REPLACE FUNCTION uptime_keys_log() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    hashes TEXT[];
    previous TEXT[];
    changes BIGINT;
    last BIGINT;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT array_agg(key_hash), array_agg(previous_hash)
        INTO hashes, previous
        FROM (SELECT key_hash, previous_hash FROM old_rows LIMIT 1001) changed;
    ELSE
        SELECT array_agg(key->>'key_hash'), array_agg(key->>'previous_hash')
        INTO hashes, previous
        FROM (SELECT to_jsonb(old_rows) - 'last_used_at' - 'previous_used_at'
                  AS key
              FROM old_rows
              EXCEPT
              SELECT to_jsonb(new_rows) - 'last_used_at' - 'previous_used_at'
              FROM new_rows
              LIMIT 1001) changed;
    END IF;
    changes := COALESCE(cardinality(hashes), 0);
    IF changes = 0 THEN
        RETURN NULL;
    END IF;
    IF changes > 1000 THEN
        changes := 1;
        hashes := '{}';
        previous := '{}';
    END IF;
    EXECUTE format('UPDATE %I.uptime_changes SET counter = counter + $1 '
                   'WHERE id = 1 RETURNING counter', TG_TABLE_SCHEMA)
    INTO last USING changes;
    -- What is too old now, and what is left if the counter was set back. In one
    -- statement no index would be used.
    EXECUTE format('DELETE FROM %I.uptime_log '
                   'WHERE number BETWEEN $1 - $2 - 999 AND $1 - 1000',
                   TG_TABLE_SCHEMA)
    USING last, changes;
    EXECUTE format('DELETE FROM %I.uptime_log WHERE number > $1 - $2',
                   TG_TABLE_SCHEMA)
    USING last, changes;
    EXECUTE format('INSERT INTO %I.uptime_log (number, key_hash, previous_hash) '
                   'SELECT $1 - $2 + place, hash, previous '
                   'FROM unnest($3, $4) WITH ORDINALITY '
                   'AS changed (hash, previous, place) WHERE $1 IS NOT NULL',
                   TG_TABLE_SCHEMA)
    USING last, changes, hashes, previous;
    RETURN NULL;
END
$$;

-- drops: trigger uptime_keys_deleted
DROP TRIGGER IF EXISTS uptime_keys_deleted ON uptime_keys;

-- makes: trigger uptime_keys_deleted
DROP TRIGGER IF EXISTS uptime_keys_deleted ON uptime_keys;
CREATE TRIGGER uptime_keys_deleted
AFTER DELETE ON uptime_keys
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE PROCEDURE uptime_keys_log();

-- drops: trigger uptime_keys_changed
DROP TRIGGER IF EXISTS uptime_keys_changed ON uptime_keys;

-- makes: trigger uptime_keys_changed
DROP TRIGGER IF EXISTS uptime_keys_changed ON uptime_keys;
CREATE TRIGGER uptime_keys_changed
AFTER UPDATE ON uptime_keys
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE PROCEDURE uptime_keys_log();

-- TRUNCATE does not tell the rows: it is not logged.
-- makes: trigger uptime_keys_truncated
DROP TRIGGER IF EXISTS uptime_keys_truncated ON uptime_keys;
CREATE TRIGGER uptime_keys_truncated
AFTER TRUNCATE ON uptime_keys
FOR EACH STATEMENT EXECUTE PROCEDURE uptime_keys_raise();

INSERT INTO uptime_schema (version) VALUES (6) ON CONFLICT DO NOTHING;

DELETE FROM uptime_schema WHERE version < 6;
