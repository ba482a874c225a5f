# SPDX-License-Identifier: Apache-2.0
"""One more step for each database, as somebody might write it: a column that
the triggers watch, as PostgreSQL's watch every one, an index less, a table
renamed, and rows that change.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from schema_steps import LATEST, SCHEMAS
from harness.environment import REPOSITORY

NEXT = LATEST + 1

# Those of the last trigger, and one more.
WATCHED = re.findall(
    r"UPDATE OF ([\w\s,]+)\nON uptime_keys\n", "".join(
        step.read_text() for step in sorted(SCHEMAS.glob("sqlite3/*.sql")))
)[-1] + ", next_step"

FILES = {
    "sqlite3": f"""\
-- makes: column uptime_keys.next_step
ALTER TABLE uptime_keys ADD COLUMN next_step VARCHAR(100);

-- drops: trigger uptime_keys_changed
DROP TRIGGER uptime_keys_changed;

-- makes: trigger uptime_keys_changed
CREATE TRIGGER uptime_keys_changed
AFTER UPDATE OF {WATCHED}
ON uptime_keys
BEGIN
    UPDATE uptime_changes SET counter = counter + 1, logged = counter + 1,
        key_hash = OLD.key_hash, previous_hash = OLD.previous_hash
    WHERE id = 1;
END;

-- drops: index uptime_members_user
DROP INDEX uptime_members_user;

-- drops: table uptime_audit
ALTER TABLE uptime_audit RENAME TO uptime_history;

UPDATE uptime_keys SET next_step = 'old' WHERE next_step IS NULL;

INSERT OR IGNORE INTO uptime_schema (version) VALUES ({NEXT});

DELETE FROM uptime_schema WHERE version < {NEXT};
""",
    "pgsql": f"""\
SET client_min_messages = warning;

-- makes: column uptime_keys.next_step
ALTER TABLE uptime_keys ADD COLUMN next_step VARCHAR(100);

-- drops: index uptime_members_user
DROP INDEX uptime_members_user;

-- drops: table uptime_audit
ALTER TABLE uptime_audit RENAME TO uptime_history;

UPDATE uptime_keys SET next_step = 'old' WHERE next_step IS NULL;

INSERT INTO uptime_schema (version) VALUES ({NEXT}) ON CONFLICT DO NOTHING;

DELETE FROM uptime_schema WHERE version < {NEXT};
""",
    # A second trigger, so that there is always one that watches. What changes
    # this column and others counts twice, and is logged twice.
    "mysql": f"""\
-- makes: column uptime_keys.next_step
ALTER TABLE uptime_keys ADD COLUMN next_step VARCHAR(100);

-- makes: trigger uptime_keys_next_step
CREATE TRIGGER uptime_keys_next_step
AFTER UPDATE ON uptime_keys FOR EACH ROW
UPDATE uptime_changes SET logged = counter + 1, counter = counter + 1,
    key_hash = OLD.key_hash, previous_hash = OLD.previous_hash
WHERE id = 1
    AND NOT (CAST(NEW.next_step AS BINARY) <=> CAST(OLD.next_step AS BINARY));

-- drops: index uptime_members_user
DROP INDEX uptime_members_user ON uptime_members;

-- drops: table uptime_audit
ALTER TABLE uptime_audit RENAME TO uptime_history;

UPDATE uptime_keys SET next_step = 'old' WHERE next_step IS NULL;

INSERT IGNORE INTO uptime_schema (version) VALUES ({NEXT});

DELETE FROM uptime_schema WHERE version < {NEXT};
""",
}


def build_with_next_step():
    """A copy with these files in it, built: its folder."""
    folder = Path(tempfile.mkdtemp(prefix="uptime-keys-next-"))
    folder.chmod(0o755)
    for part in ("mod_uptime_keys", "conf", "build/out/obj"):
        if (REPOSITORY / part).exists():
            shutil.copytree(REPOSITORY / part, folder / part)
    for part in ("Makefile", "embed", "exports.map"):
        shutil.copy2(REPOSITORY / "build" / part, folder / "build" / part)
    for dialect, sql in FILES.items():
        (folder / "conf/schema" / dialect / f"{NEXT:04}.sql").write_text(sql)
    subprocess.run(["make", "--silent", "-C", folder / "build", "-j2",
                    "out/uptime-keys"], check=True)
    return folder
