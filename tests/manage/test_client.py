# SPDX-License-Identifier: Apache-2.0
"""A TypeScript program with a client generated from openapi.json."""

import json
import shutil

import node
import pytest
from managed import BASIC, password

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def client(server, tmp_path_factory):
    """client.js, compiled with the types of this server's openapi.json."""
    node.CLIENT.install()
    folder = tmp_path_factory.mktemp("client")
    (folder / "node_modules").symlink_to(node.CLIENT.modules)
    for name in ("package.json", "tsconfig.json", "client.ts"):
        shutil.copy(node.CLIENT.source / name, folder)
    document = server.get(BASIC + "/openapi.json",
                          auth=("olga", password("olga"))).text
    (folder / "openapi.json").write_text(document)
    node.run(node.CLIENT.program("openapi-typescript"), "openapi.json",
             "-o", "api.d.ts", cwd=folder)
    node.run(node.CLIENT.program("tsc"), cwd=folder)
    return folder / "client.js"


def test_generated_client_manages_keys(server, clean, client):
    server.database.import_key("monitors:read", name="here before")
    here = f"http://127.0.0.1:{server.port}"
    told = json.loads(node.run(
        "node", client, here + BASIC, here + "/t/x", "olga",
        password("olga"), cwd=client.parent))
    key = told.pop("key")
    server.keep_secret(key)
    assert told == {
        "before": ["here before"],
        "scopes": 23,
        "created": 201,
        "expires": "2035-01-31T12:00:00.000Z",
        "after": ["made by a generated client", "here before"],
        "used": 200,
        "found": key[:15],
        "deleted": True,
        "refused": 401,
        "again": "urn:uptime-keys:error:not-found",
        "wrong": ["/name"],
        "finally": ["here before"],
    }
