# SPDX-License-Identifier: Apache-2.0
"""mod_authn_dbd, another user of mod_dbd, and somebody whom it knows."""

# Of a location.
BY_DBD = """
    AuthType Basic
    AuthName "People"
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT password FROM people WHERE name = %s"
    Require valid-user
"""
OLGA = ("olga", "secret")
OLGAS_HASH = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="    # of "secret"


def add_people(database):
    database.execute(
        "CREATE TABLE people (name VARCHAR(99), password VARCHAR(99))")
    database.execute("INSERT INTO people VALUES (?, ?)", "olga", OLGAS_HASH)
