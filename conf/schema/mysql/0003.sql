-- The tables of mod_uptime_keys for MariaDB 10.3 and MySQL 8.0.29 or later,
-- step 3; see 0002.sql.
--
-- Names have at most 255 characters. The columns become wider by one, because
-- apr_dbd's driver for ODBC allocates as many bytes as a column holds, and none
-- for the terminating NUL.

-- makes: column uptime_teams.name varchar(256)
ALTER TABLE uptime_teams MODIFY name VARCHAR(256) NOT NULL;

-- makes: column uptime_members.user_name varchar(256)
ALTER TABLE uptime_members MODIFY user_name VARCHAR(256) NOT NULL;

-- makes: column uptime_keys.name varchar(256)
ALTER TABLE uptime_keys MODIFY name VARCHAR(256) NOT NULL;

INSERT IGNORE INTO uptime_schema (version) VALUES (3);

DELETE FROM uptime_schema WHERE version < 3;
