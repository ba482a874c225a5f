# SPDX-License-Identifier: Apache-2.0
"""Keys that may be used from some addresses only."""

import ipaddress
import itertools
import json
import random
import subprocess

import pytest
from caching import from_cache
from harness import (
    AUTHZ_FAILED,
    MPM,
    assert_refused,
    challenge,
    environment,
    eventually,
)
from harness.answers import assert_problem
from harness.database import now_ms

# Every address that a test wants is sent by a trusted proxy, which is the test.
CONFIG = """
LoadModule remoteip_module ${MODULES}/mod_remoteip.so
RemoteIPHeader X-Client
RemoteIPInternalProxy 127.0.0.1
<Location "/direct/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/other/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope teams:write
</Location>
AliasMatch "^/(other|header|any)/" "${ROOT}/htdocs/answer.txt"
<Location "/header/">
    AuthType uptime-key
    AuthName "Uptime"
    UptimeKeysHeader X-API-Key
    Require valid-user
</Location>
<Location "/any/">
    AuthType uptime-key
    AuthName "Uptime"
    <RequireAny>
        Require uptime-scope monitors:read
        Require ip 192.0.2.0/24
    </RequireAny>
</Location>
Alias "/basic/" "${ROOT}/htdocs/"
<Location "/basic/">
    AuthType Basic
    AuthName "Uptime"
    AuthBasicProvider uptime-key
    Require valid-user
</Location>
<AuthnProviderAlias uptime-key aliased>
</AuthnProviderAlias>
Alias "/aliased/" "${ROOT}/htdocs/"
<Location "/aliased/">
    AuthType Basic
    AuthName "Uptime"
    AuthBasicProvider aliased
    Require valid-user
</Location>
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</Location>
"""
LIST = '["192.0.2.0/24","198.51.100.7","2001:db8::/33","2001:db8:8000::1"]'
ALLOWED = ["192.0.2.0", "192.0.2.255", "198.51.100.7", "2001:db8::",
           "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", "2001:db8:8000::1",
           "::ffff:192.0.2.1", "::ffff:c633:6407"]
REFUSED = ["192.0.1.255", "192.0.3.0", "198.51.100.6", "198.51.100.8",
           "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8:8000::",
           "2001:db8:8000::2", "::192.0.2.1", "::ffff:192.0.3.1",
           "64:ff9b::192.0.2.1", "127.0.0.1"]


@pytest.fixture(scope="module", params=["asked", "cached"])
def server(request, new_httpd):
    server = new_httpd(
        ("UptimeKeysCache On\n" if request.param == "cached" else "") + CONFIG)
    server.is_caching = request.param == "cached"
    return server


@pytest.fixture
def key(server):
    """A key with a list."""
    key = server.database.import_key("monitors:read")
    limit(server, key, LIST)
    return key


def limit(server, key, addresses):
    server.database.execute("UPDATE uptime_keys SET addresses = ? "
                            "WHERE id = ?", addresses, key.id)


def ask(server, key, address, path="/t/x", **options):
    return server.get(path, key, headers={"X-Client": address}, **options)


def assert_not_from_here(answer):
    assert challenge(answer) == {"realm": "Uptime"}
    problem = assert_problem(answer, 403, name="address-not-allowed")
    for part in ("192.0.2", "198.51.100", "2001:db8"):
        assert part not in answer.text
    return problem


# Who is let in

@pytest.mark.mpm
@pytest.mark.backend
def test_client_is_judged_by_its_bits(server, key):
    for address in ALLOWED:
        assert ask(server, key, address).status_code == 200, address
    for address in REFUSED:
        assert_not_from_here(ask(server, key, address))


@pytest.mark.mpm
def test_every_hit_is_judged(server, key):
    if not server.is_caching:
        pytest.skip("about the cache")

    def ask_from_everywhere():
        for allowed, refused in zip(ALLOWED, REFUSED):
            assert ask(server, key, allowed).status_code == 200
            assert_not_from_here(ask(server, key, refused))

    from_cache(server, ask_from_everywhere)


def test_refusal_puts_nothing_into_the_cache(server, key):
    """An entry counts as just used, which a refused key was not."""
    for _ in range(3):
        assert_not_from_here(ask(server, key, REFUSED[0]))
    before = now_ms()
    assert ask(server, key, ALLOWED[0]).status_code == 200
    used = eventually(lambda: server.database.last_used(key))
    assert before <= used <= now_ms()


@pytest.mark.backend
def test_refused_use_is_none(server, key):
    other = server.database.import_key("monitors:read")
    for _ in range(3):
        assert_not_from_here(ask(server, key, REFUSED[0]))
    assert server.get("/t/x", other).status_code == 200
    eventually(lambda: server.database.last_used(other))
    assert server.database.last_used(key) is None


def test_key_without_a_list_is_used_from_anywhere(server):
    key = server.database.import_key("monitors:read")
    for addresses in (None, "", "[]"):
        limit(server, key, addresses)
        for address in ("192.0.2.1", "::1", "2001:db8::"):
            assert ask(server, key, address).status_code == 200


@pytest.mark.backend
@pytest.mark.parametrize("addresses", [
    "127.0.0.1", "nonsense", "{}", '{"0":"127.0.0.1"}', '"127.0.0.1"', "5",
    "null", "true", "[5]", '["127.0.0.1", 5]', '["127.0.0.1", null]', "[",
    '["127.0.0.1"', '[""]', '["x"]', '[" "]', '["localhost"]', '["127.0.0.1 "]',
    '["127.0.0.1/33"]', '["127.0.0.1/-1"]', '["127.0.0.1/"]', '["/0"]',
    '["127.0.0.1/0x8"]', '[["127.0.0.1"]]', " ", "[127.0.0.1]",
    '["::ffff:127.0.0.1"]', '["127.1"]', '["2130706433"]', '["0177.0.0.1"]',
])
def test_what_is_no_list_lets_nobody_in(server, addresses):
    """Written by plain SQL."""
    key = server.database.import_key("monitors:read")
    limit(server, key, addresses)
    for address in ("127.0.0.1", "::1"):
        assert ask(server, key, address).status_code == 403


def test_one_bad_network_does_not_undo_the_others(server):
    """Plain SQL again: a network that is none contains nothing."""
    key = server.database.import_key("monitors:read")
    limit(server, key, '["nonsense","127.0.0.1","300.0.0.0/8"]')
    assert ask(server, key, "127.0.0.1").status_code == 200
    assert ask(server, key, "127.0.0.2").status_code == 403


# The refusal

def test_refusal_is_logged_with_address_and_id(server, key):
    answer = ask(server, key, "203.0.113.9")
    problem = assert_not_from_here(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    (line,) = [line.text for line in server.error_log.ours("info")
               if key.id in line.text]
    for word in ("UK0010", "203.0.113.9", problem["instance"]):
        assert word in line
    assert "192.0.2" not in line.replace("203.0.113.9", "")


def test_address_is_judged_before_scopes(server, key):
    assert_not_from_here(ask(server, key, REFUSED[0], path="/other/x"))
    server.expect_log(AUTHZ_FAILED)
    assert_refused(ask(server, key, ALLOWED[0], path="/other/x"), 403,
                   "insufficient_scope")


@pytest.mark.parametrize("columns,error", [
    ("expires_at = 1", "invalid_token"), ("disabled_at = 1", "invalid_token")])
def test_key_that_is_no_good_is_told_nothing_else(server, key, columns, error):
    server.database.execute(
        f"UPDATE uptime_keys SET {columns} WHERE id = ?", key.id)
    assert_refused(ask(server, key, REFUSED[0]), 401, error)


def test_other_branch_lets_the_client_in_without_a_key(server, key):
    assert ask(server, key, "192.0.2.1", path="/any/x").status_code == 200
    assert ask(server, None, "192.0.2.1", path="/any/x").status_code == 200
    assert_not_from_here(ask(server, key, "203.0.113.1", path="/any/x"))


def by_password(server, key, path, address):
    server.keep_secret(key)
    return server.get(path, auth=("x", key.text),
                      headers={"X-Client": address})


def test_key_in_a_password(server, key):
    path = "/basic/answer.txt"
    assert by_password(server, key, path, ALLOWED[0]).status_code == 200
    answer = by_password(server, key, path, REFUSED[0])
    assert_problem(answer, 403, name="address-not-allowed")
    assert "192.0.2" not in answer.text


def test_alias_of_the_provider_can_only_say_401(server, key):
    """mod_auth_basic makes 500 of everything else."""
    server.expect_log("AH01617")
    path = "/aliased/answer.txt"
    assert by_password(server, key, path, ALLOWED[0]).status_code == 200
    assert by_password(server, key, path, REFUSED[0]).status_code == 401


def test_key_in_another_header(server, key):
    server.keep_secret(key)

    def by(address):
        return server.get("/header/x", headers={"X-API-Key": key.text,
                                                "X-Client": address})

    assert by(ALLOWED[0]).status_code == 200
    assert_not_from_here(by(REFUSED[0]))


def test_old_secret_is_bound_to_the_same_addresses(server, key):
    server.database.execute(
        "UPDATE uptime_keys SET previous_hash = key_hash, previous_prefix = "
        "key_prefix, previous_ends_at = ?, key_hash = ? WHERE id = ?",
        now_ms() + 60_000, key.id[4:] * 2 + "0" * 12, key.id)
    assert ask(server, key, ALLOWED[0]).status_code == 200
    assert_not_from_here(ask(server, key, REFUSED[0]))


def test_management_and_self_are_no_exception(server, key):
    server.database.execute("UPDATE uptime_keys SET scopes = "
                            "'[\"api-keys:write\"]' WHERE id = ?", key.id)
    for path in ("/keys", "/keys/self", "/keys/" + key.id):
        assert_problem(ask(server, key, REFUSED[0], path=path), 403,
                       name="address-not-allowed")
    assert ask(server, key, ALLOWED[0], path="/keys/self").status_code == 200


# The address

def test_only_a_trusted_proxy_says_who_the_client_is(new_httpd):
    server = new_httpd(CONFIG.replace("InternalProxy 127.0.0.1",
                                      "InternalProxy 192.0.2.1"))
    key = server.database.import_key("monitors:read")
    limit(server, key, '["198.51.100.7"]')
    for header in ("X-Client", "X-Forwarded-For", "Forwarded"):
        answer = server.get("/t/x", key, headers={header: "198.51.100.7"})
        assert answer.status_code == 403
    limit(server, key, '["127.0.0.1"]')
    assert server.get("/t/x", key).status_code == 200


@pytest.mark.parametrize("family,addresses,status", [
    ("127.0.0.1", '["127.0.0.0/8"]', 200),
    ("127.0.0.1", '["::/1","::1"]', 403),
    ("[::1]", '["::1"]', 200),
    ("[::1]", '["127.0.0.1","128.0.0.0/1","0.0.0.0/1"]', 403),
])
def test_dual_stack_listener(new_httpd, family, addresses, status):
    """Its IPv4 clients have IPv4-mapped addresses."""
    server = new_httpd(CONFIG, start=False)
    base = (server.root / "conf/base.conf").read_text()
    assert "Listen 127.0.0.1:${PORT}" in base
    server.write("conf/base.conf", base.replace(
        "Listen 127.0.0.1:${PORT}", "Listen [::]:${PORT}"))
    try:
        server.start()
    except AssertionError:
        pytest.skip("has no IPv6")
    key = server.database.import_key("monitors:read")
    limit(server, key, addresses)
    done = subprocess.run(
        ["curl", "-gsS", "-o", "/dev/null", "-w", "%{http_code}",
         "-H", f"Authorization: Bearer {key}",
         f"http://{family}:{server.port}/t/x"],
        capture_output=True, text=True, check=True)
    assert done.stdout == str(status)
    server.stop()


def test_address_by_http2(new_httpd):
    if MPM == "prefork" or \
            not (environment.libexecdir() / "mod_http2.so").exists():
        pytest.skip("needs mod_http2")
    server = new_httpd("LoadModule http2_module ${MODULES}/mod_http2.so\n"
                       "LogLevel trace8 http2:info\n"
                       "Protocols h2c http/1.1\n" + CONFIG)
    key = server.database.import_key("monitors:read")
    limit(server, key, LIST)
    for address, status in ((ALLOWED[0], 200), (REFUSED[0], 403)):
        done = subprocess.run(
            ["curl", "-sS", "--http2-prior-knowledge", "-w", "\n%{http_code}",
             "-H", f"Authorization: Bearer {key}",
             "-H", f"X-Client: {address}",
             f"http://127.0.0.1:{server.port}/t/x"],
            capture_output=True, text=True, check=True)
        body, _, code = done.stdout.rpartition("\n")
        assert int(code) == status
        if status == 403:
            assert json.loads(body)["type"].endswith(":address-not-allowed")


# Parsing, compared with Python's

@pytest.fixture(scope="module")
def write(server):
    """write(ADDRESSES): what the API makes of addresses; the answer."""
    admin = server.database.import_key("api-keys:write", "monitors:read")
    key = server.database.import_key("monitors:read")

    def ask_to_change(addresses):
        return server.request("PATCH", f"/keys/{key.id}", admin,
                              json={"addresses": addresses})

    return ask_to_change


def written(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["apiKey"].get("addresses")


def messages(answer):
    problem = assert_problem(answer, 400, name="validation-error")
    return {error["pointer"]: error["message"] for error in problem["errors"]}


def canonical(network):
    network = ipaddress.ip_network(network)
    return str(network.network_address if network.num_addresses == 1
               else network)


CANONICAL = {
    "192.0.2.7/32": "192.0.2.7", "192.0.2.0/24": "192.0.2.0/24",
    "0.0.0.0": "0.0.0.0", "0.0.0.0/1": "0.0.0.0/1", "::/1": "::/1",
    "2001:DB8::1/128": "2001:db8::1", "2001:db8:0:0::/32": "2001:db8::/32",
    "2001:0db8:0000:0000:0001:0000:0000:0001": "2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1": "2001:db8:0:1:1:1:1:1",
    "::": "::", "::1": "::1", "1::": "1::", "0:0:0:0:0:0:0:1": "::1",
    "::192.0.2.1": "::c000:201", "::1.2": None, "::0.0.0.5": "::5",
    "64:ff9b::192.0.2.1": "64:ff9b::c000:201",
    "fe80::1": "fe80::1", "ff02::1/128": "ff02::1",
    "1:0:0:2:0:0:0:3": "1:0:0:2::3",
}
NONE = ["", " ", "192.0.2.1 ", " 192.0.2.1", "192.0.2", "192.0.2.1.1",
        "192.0.2.256", "192.0.02.1", "0x7f.0.0.1", "1", "192.0.2.0/",
        "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+24", "192.0.2.0/024",
        "192.0.2.0/24 ", "192.0.2.0/255.255.255.0", "192.0.2.0/24/24",
        "2001:db8::/129", "2001:db8:::1", "2001:db8::1::2", "2001:db8::g",
        "[::1]", "::1]", "localhost", "example.com", "*", "any", "fe80::1%eth0",
        "fe80::1%1/64", "::1%", "192.0.2.1:80", "192.0.2.1,192.0.2.2",
        "192.0.2.1-192.0.2.9", "12345::", "1:2:3:4:5:6:7:8:9", "/24", "\u0661",
        "192.0.2.\u0661", "1" * 100, "192.0.2.0/" + "0" * 50 + "24",
        "192.0.2.0/99999999999999999999", "0.0.0.0/0", "::/0", "::0/0",
        "10.0.0.0/0", "::ffff:192.0.2.1", "::ffff:192.0.2.0/120",
        "::ffff:0:0/96", "::FFFF:c000:201", "0:0:0:0:0:ffff:1.2.3.4"]


def test_addresses_are_written_in_canonical_form(write):
    for text, expected in CANONICAL.items():
        answer = write([text])
        if expected is None:
            assert set(messages(answer)) == {"/addresses/0"}
        else:
            assert written(answer) == [expected], text


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_address_is_refused(write, text):
    assert set(messages(write(["192.0.2.1", text]))) == {"/addresses/1"}


@pytest.mark.parametrize("text,network", [
    ("192.0.2.1/24", "192.0.2.0/24"), ("192.0.2.130/25", "192.0.2.128/25"),
    ("10.1.2.3/8", "10.0.0.0/8"), ("255.255.255.255/31", "255.255.255.254/31"),
    ("2001:db8::1/32", "2001:db8::/32"), ("2001:db8:ffff::/33",
                                          "2001:db8:8000::/33"),
    ("::3/127", "::2/127")])
def test_message_names_the_network_that_was_probably_meant(write, text,
                                                           network):
    (message,) = messages(write([text])).values()
    assert network in message.replace(";", " ").split()


def test_message_says_what_to_do_about_everything(write):
    for text in ("0.0.0.0/0", "::/0", "8.8.8.8/0"):
        (message,) = messages(write([text])).values()
        assert "leave" in message


def test_order_stays_and_duplicates_go(write):
    assert written(write([
        "198.51.100.7", "192.0.2.0/24", "2001:DB8::/32", "198.51.100.7/32",
        "2001:db8:0::/32", "192.0.2.0"])) == [
            "198.51.100.7", "192.0.2.0/24", "2001:db8::/32", "192.0.2.0"]


def test_fifty_are_the_most(write):
    fifty = [f"2001:db8:ffff:ffff:ffff:ffff:ff{n:02x}:8/127"
             for n in range(50)]
    assert written(write(fifty)) == fifty
    assert set(messages(write([*fifty, "::1"]))) == {"/addresses"}
    assert set(messages(write(fifty[:1] * 51))) == {"/addresses"}
    assert written(write([])) is None
    assert written(write(fifty)) == fifty
    assert written(write(None)) is None


def test_every_bad_address_is_named(write):
    assert set(messages(write(["x", "::1", "0.0.0.0/0", "1.2.3.4/8"]))) == \
        {"/addresses/0", "/addresses/2", "/addresses/3"}


def some_networks(count, seed):
    """Random networks, and each prefix length at least once."""
    chance = random.Random(seed)
    lengths = itertools.chain(((4, bits) for bits in range(1, 33)),
                              ((6, bits) for bits in range(1, 129)))
    for version, bits in itertools.islice(
            itertools.cycle(list(lengths)), count):
        size = 32 if version == 4 else 128
        # Runs of zeros, which RFC 5952 shortens.
        number = chance.getrandbits(size) & chance.choice(
            [-1, chance.getrandbits(size), ~(0xffffffff << size // 4),
             ~(0xffff << size // 2)])
        kind = ipaddress.IPv4Network if version == 4 else \
            ipaddress.IPv6Network
        network = kind((number >> (size - bits) << (size - bits), bits))
        if version == 4 or not network.network_address.ipv4_mapped:
            yield network


def forms(network, chance):
    address = network.network_address
    exploded = address.exploded
    yield f"{exploded}/{network.prefixlen}"
    yield f"{address}/{network.prefixlen}".upper()
    if network.prefixlen == network.max_prefixlen:
        yield chance.choice([exploded, str(address)])


@pytest.mark.slow
def test_python_reads_and_writes_networks_alike(write):
    chance = random.Random(9)
    networks = list(some_networks(800, seed=9))
    for start in range(0, len(networks), 40):
        some = networks[start:start + 40]
        expected = list(dict.fromkeys(map(canonical, some)))
        for texts in ([next(forms(network, chance)) for network in some],
                      [list(forms(network, chance))[-1] for network in some]):
            assert written(write(texts)) == expected


@pytest.mark.slow
@pytest.mark.backend
def test_python_judges_addresses_alike(server):
    """The borders of random networks, and one beyond."""
    key = server.database.import_key("monitors:read")
    for network in itertools.islice(some_networks(160, seed=5), 0, 160, 5):
        limit(server, key, json.dumps([canonical(network)]))
        kind = type(network.network_address)
        first, last = (int(network.network_address),
                       int(network.broadcast_address))
        for number in (first - 1, first, last, last + 1):
            if not 0 < number < 2**network.max_prefixlen:
                continue
            address = kind(number)
            if getattr(address, "ipv4_mapped", None):
                continue
            expected = 200 if address in network else 403
            eventually(lambda address=address, expected=expected: ask(
                server, key, str(address)).status_code == expected)
