# SPDX-License-Identifier: Apache-2.0
"""mod_authn_dbd, another module that uses mod_dbd, and one user of it."""

# For a <Location>.
BY_DBD = """
    AuthType Basic
    AuthName "People"
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT password FROM users WHERE name = %s"
    Require valid-user
"""
OLGA = ("olga", "secret")
OLGAS_HASH = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="    # of "secret"


def add_users(database):
    database.execute(
        "CREATE TABLE users (name VARCHAR(99), password VARCHAR(99))")
    database.execute("INSERT INTO users VALUES (?, ?)", "olga", OLGAS_HASH)
