# SPDX-License-Identifier: Apache-2.0
"""Latency of a request with a key, by the number of keys in the database.

    UPTIME_KEYS_DRIVER=pgsql tests/bench/sizes.py 1000 100000 1000000
"""

import http.client
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "httpd"))

# pylint: disable=wrong-import-position
from harness import Httpd, environment      # noqa: E402

REQUESTS = 2000
CONFIG = """
LogLevel warn
MaxKeepAliveRequests 0
DBDMin 1
DBDMax 4
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""
COLUMNS = ("id, team_id, slot, name, key_hash, key_prefix, scopes, "
           "created_at")
# Hashes that lie about as hashes do; i is a row's number.
FILL = {
    "pgsql": "INSERT INTO uptime_keys ({columns}) SELECT 'key_' || "
             "lpad(i::text, 26, '0'), 'acme', i + 1000, 'key ' || i, "
             "md5(i::text) || md5((-i)::text), 'uptime_' || "
             "substr(md5(i::text), 1, 8), '[\"monitors:read\"]', 1 "
             "FROM generate_series({first}, {last}) AS i",
    "sqlite3": "WITH RECURSIVE numbers(i) AS (SELECT {first} UNION ALL "
               "SELECT i + 1 FROM numbers WHERE i < {last}) "
               "INSERT INTO uptime_keys ({columns}) SELECT 'key_' || "
               "printf('%026d', i), 'acme', i + 1000, 'key ' || i, "
               "lower(hex(randomblob(32))), 'uptime_00000000', "
               "'[\"monitors:read\"]', 1 FROM numbers",
}


def latencies(server, key):
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    headers = {"Authorization": f"Bearer {key}"}
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        connection.request("GET", "/t/x", headers=headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - began)
        assert answer.status == 200
    connection.close()
    return sorted(times[REQUESTS // 10:])


def main(sizes):
    print("| backend | keys | p50 | p99 |\n| --- | ---: | ---: | ---: |")
    server = Httpd(CONFIG)
    server.mode = "-X"
    try:
        database = server.database
        database.init()
        database.create_team("acme")
        key = database.import_key("monitors:read")
        server.start()
        last = 0
        for size in sizes:
            database.execute(FILL[environment.BACKEND].format(
                columns=COLUMNS, first=last + 1, last=size))
            if environment.BACKEND == "pgsql":
                database.execute("ANALYZE uptime_keys")
            last = size
            times = latencies(server, key)
            p50, p99 = (times[int(len(times) * part)] * 1000
                        for part in (0.5, 0.99))
            print(f"| {environment.BACKEND} | {size:,} | {p50:.2f} ms | "
                  f"{p99:.2f} ms |", flush=True)
    finally:
        server.stop()
        server.remove()


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1000, 100_000, 1_000_000])
