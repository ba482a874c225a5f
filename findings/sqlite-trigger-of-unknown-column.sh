#!/bin/bash
# SQLite: AFTER UPDATE OF a column that does not exist.
#
# Guess: CREATE TRIGGER refuses an unknown column in its list, as it refuses an
# unknown table and as PostgreSQL does; and ALTER TABLE … DROP COLUMN refuses a
# column that a trigger names there, as it refuses one that an index uses.
#
# Seen (SQLite 3.40.1, Debian 12): both succeed. The trigger stays, with the
# name of the column in its list, and does not run for it. RENAME COLUMN does
# follow: the list has the new name afterwards. So a misspelled name in such a
# list is found only by a test that changes each column and looks whether the
# trigger ran.
#
# Versions: sqlite3 and libsqlite3-0 3.40.1-2+deb12u2 (Debian 12).
#
# Needs apt-get and the libraries that the package sqlite3 depends on.
set -euo pipefail

VERSION=3.40.1-2+deb12u2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q "sqlite3=$VERSION" "libsqlite3-0=$VERSION" >log 2>&1 ||
    { cat log >&2; exit 2; }
for package in *.deb; do
    dpkg -x "$package" files
done
LD_LIBRARY_PATH=$(echo "$folder"/files/usr/lib/*-linux-gnu*)
export LD_LIBRARY_PATH
sqlite=$folder/files/usr/bin/sqlite3

"$sqlite" --version
"$sqlite" -bail t.db <<'SQL' | tee seen
CREATE TABLE keys (hash TEXT, scopes TEXT, expires INTEGER);
CREATE TABLE changes (counter INTEGER);
INSERT INTO keys VALUES ('h', 's', 1);
INSERT INTO changes VALUES (0);

CREATE TRIGGER misspelled AFTER UPDATE OF scope, expires ON keys
BEGIN UPDATE changes SET counter = counter + 1; END;
UPDATE keys SET scopes = 'other';
SELECT 'scopes changed, trigger of "scope": ' || counter FROM changes;

UPDATE keys SET expires = 2;
SELECT 'expires changed, trigger of "expires": ' || counter FROM changes;

ALTER TABLE keys RENAME COLUMN expires TO expires_at;
UPDATE keys SET expires_at = 3;
SELECT 'renamed and changed: ' || counter FROM changes;

ALTER TABLE keys DROP COLUMN expires_at;
SELECT 'triggers that name the dropped column: ' || count(*)
FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%expires_at%';
UPDATE keys SET scopes = 'third';
SELECT 'scopes changed again: ' || counter FROM changes;
SQL
cat >expected <<'END'
scopes changed, trigger of "scope": 0
expires changed, trigger of "expires": 1
renamed and changed: 2
triggers that name the dropped column: 1
scopes changed again: 2
END
diff expected seen || { echo "not as it was seen" >&2; exit 1; }
echo "as it was seen"
