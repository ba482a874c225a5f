# SPDX-License-Identifier: Apache-2.0
"""httpd -t refuses a wrong configuration and accepts a right one."""

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest
from harness import AUTHZ_FAILED
from harness.environment import REPOSITORY

GUARD = 'AuthType uptime-key\n    AuthName "Uptime"\n'


@pytest.fixture(scope="module")
def idle(new_httpd):
    """A server that only tests configurations."""
    return new_httpd(start=False, database=False)


@pytest.fixture(scope="module")
def alone(new_httpd):
    """The same without the modules whose directives this module observes."""
    return new_httpd(start=False, database=False, driver=False,
                     without=("dbd", "auth_basic"))


def config_test(idle, text):
    idle.configure(text)
    done = idle.config_test()
    assert "Sanitizer" not in done.stderr
    return done


def in_location(directive):
    return f'<Location "/t/x">\n    {directive}\n</Location>\n'


def in_host(directive):
    return f"<VirtualHost *:1>\n    {directive}\n</VirtualHost>\n"


def on_line_2(directive):
    return f"\n{directive}\n"


BOOLEAN = "On or Off"

# The context, the directive, and strings that the error message contains.
WRONG = [
    (in_location, "Require uptime-scope monitor:read",
     "monitor:read.*monitors:read"),
    (in_location, "Require uptime-scope monitors:reed",
     "monitors:reed.*monitors:read"),
    (in_location, "Require uptime-scope dns-monitor:write",
     "dns-monitors:write"),
    (in_location, "Require uptime-scope monitors:read cronjobs:ping",
     "cronjobs:ping.*cron-jobs:ping"),
    (in_location, "Require uptime-scope Monitors:Read", "monitors:read"),
    (in_location, "Require uptime-scope qqqqqqqqqq", "qqqqqqqqqq"),
    (in_location, "Require uptime-scope", "uptime-scope"),
    (in_location, "Require not uptime-scope", "uptime-scope"),
    (in_location, "Require uptime-team", "uptime-team"),
    (in_location, "Require uptime-team acme Globex!",
     "ids of teams, .* not 'Globex!'"),
    (in_location, "Require uptime-scope %{nosuch:X}", "nosuch"),
    (on_line_2, 'UptimeKeysScope billing "no colon"', "billing"),
    (on_line_2, 'UptimeKeysScope Billing:read "upper case"', "Billing:read"),
    (on_line_2, 'UptimeKeysScope billing:read:all "two"',
     "billing:read:all"),
    (on_line_2, 'UptimeKeysScope 9billing:read "digit first"',
     "9billing:read"),
    (on_line_2, 'UptimeKeysScope billing_x:read "underscore"',
     "billing_x:read"),
    (on_line_2, 'UptimeKeysScope ":read" "nothing before"', ":read"),
    (on_line_2, 'UptimeKeysScope "billing:" "nothing behind"', "billing:"),
    (on_line_2, "UptimeKeysScope billing:read", "UptimeKeysScope"),
    (on_line_2, "UptimeKeysRequireChecksum maybe", BOOLEAN),
    (on_line_2, "UptimeKeysForwardKey 1", BOOLEAN),
    (on_line_2, "UptimeKeysPreflight yes", BOOLEAN),
    (in_location, "UptimeKeysPreflight yes", BOOLEAN),
    (in_location, "UptimeKeysForwardKey", BOOLEAN),
    (on_line_2, "UptimeKeysLastUsedInterval soon", "seconds|number"),
    (on_line_2, "UptimeKeysLastUsedInterval 0", "seconds|number"),
    (on_line_2, "UptimeKeysLastUsedInterval -5", "seconds|number"),
    (on_line_2, "UptimeKeysLastUsedInterval 60s", "seconds|number"),
    (on_line_2, "UptimeKeysLastUsedInterval 99999999999999999999",
     "seconds|number"),
    (on_line_2, "UptimeKeysMaxPerTeam many", "number"),
    (on_line_2, "UptimeKeysMaxPerTeam 0", "number"),
    (on_line_2, "UptimeKeysMaxPerTeam -1", "number"),
    (on_line_2, "UptimeKeysMaxPerTeam 1.5", "number"),
    (on_line_2, 'UptimeKeysHeader "X API Key"', "X API Key"),
    (on_line_2, 'UptimeKeysHeader "X-Key:"', "X-Key:"),
    (on_line_2, 'UptimeKeysHeader ""', "header"),
    (on_line_2, "UptimeKeysHeader Authorization", "Authorization"),
    (in_location, "UptimeKeysHeader authorization", "[Aa]uthorization"),
    (on_line_2, 'UptimeKeysIdentityHeaders "X Uptime"', "X Uptime"),
    (in_location, 'UptimeKeysIdentityHeaders "X-Up@time"', "X-Up@time"),
    (in_location, "UptimeKeysTeam Acme", "the id of a team, .* not 'Acme'"),
    (on_line_2, 'UptimeKeysProblemBase "/our problems/"',
     "beginning of a URI.*not '/our problems/'"),
    (in_location, 'UptimeKeysProblemBase "https://example.com/{id}/"',
     "beginning of a URI.*not 'https://example.com/{id}/'"),
    (on_line_2, "UptimeKeysCache 1", BOOLEAN),
    (on_line_2, "UptimeKeysCacheSize much", "bytes"),
    (on_line_2, "UptimeKeysCacheSize 1048575", "1M"),
    (on_line_2, "UptimeKeysCacheSize 1023K", "1M"),
    (on_line_2, "UptimeKeysCacheSize 1025M", "1024M"),
    (on_line_2, "UptimeKeysCacheSize 2G", "bytes"),
    (on_line_2, "UptimeKeysCacheSize 2MB", "bytes"),
    (on_line_2, "UptimeKeysCacheSize -4M", "bytes"),
    (on_line_2, "UptimeKeysCacheSize 99999999999999999999M", "bytes"),
    (on_line_2, "UptimeKeysRotateOverlap -1", "number"),
    (on_line_2, "UptimeKeysRotateOverlap 2592001", "2592000"),
    (on_line_2, "UptimeKeysRotateOverlap 24h", "number"),
    (on_line_2, "UptimeKeysMaxLifetime Never", "or None"),
    (in_location, "UptimeKeysMaxLifetime 5", "not allowed"),
    (in_location, "UptimeKeysDefaultLifetime 5", "not allowed"),
    (in_location, "UptimeKeysRotateOverlap 5", "not allowed"),
    (in_location, "UptimeKeysExpirySoon 5", "not allowed"),
    (on_line_2, "UptimeKeysMetricsPerKey 10001", "10000"),
    (on_line_2, "UptimeKeysMetricsPerKey all", "number"),
    (in_host, "UptimeKeysMetricsPerKey 5", "cannot occur within"),
    (in_location, "UptimeKeysServerStatus On", "not allowed"),
    (on_line_2, "UptimeKeysServerStatus Full", BOOLEAN),
    (in_location, "UptimeKeysRecheck 0", "from 1 to 86400, or Off"),
    (in_location, "UptimeKeysRateLimit 600",
     "like 600/60, up to 1000000/86400, or None"),
    (in_host, "UptimeKeysCache On", "cannot occur within"),
    (in_host, "UptimeKeysCacheSize 4M", "cannot occur within"),
    (in_location, "UptimeKeysCache On", "not allowed"),
    (in_location, "UptimeKeysCacheSize 4M", "not allowed"),
    (in_location, 'UptimeKeysScope billing:read "in a location"',
     "not allowed"),
    (in_location, "UptimeKeysRequireChecksum Off", "not allowed"),
    (in_location, "UptimeKeysMaxPerTeam 5", "not allowed"),
    (in_location, "UptimeKeysLastUsedInterval 5", "not allowed"),
]


@pytest.mark.parametrize("context,directive,reason", WRONG,
                         ids=[row[1] for row in WRONG])
def test_wrong_directive_is_refused_with_line_and_reason(
        idle, context, directive, reason):
    done = config_test(idle, context(directive))
    assert done.returncode != 0
    assert re.search(r"line 2 of \S*/test\.conf", done.stderr), done.stderr
    assert re.search(reason, done.stderr), done.stderr


@pytest.mark.parametrize("context,directive,owner", [
    (on_line_2, "DBDriver sqlite3", "mod_dbd"),
    (on_line_2, "DBDParams keys.db", "mod_dbd"),
    (on_line_2, "DBDMin 1", "mod_dbd"),
    (on_line_2, "DBDKeep 1", "mod_dbd"),
    (on_line_2, "DBDMax 1", "mod_dbd"),
    (on_line_2, "DBDPersist Off", "mod_dbd"),
    (on_line_2, 'DBDInitSQL "SELECT 1"', "mod_dbd"),
    (in_location, "AuthBasicProvider file", "mod_auth_basic"),
])
def test_directive_of_another_module_needs_it(alone, context, directive,
                                              owner):
    done = config_test(alone, context(directive))
    assert done.returncode != 0
    assert "line 2" in done.stderr
    assert f"{directive.split()[0]} needs {owner} to be loaded first" \
        in done.stderr


def test_wrong_directive_in_a_virtual_host(idle):
    done = config_test(idle, in_host("UptimeKeysMaxPerTeam none"))
    assert done.returncode != 0
    assert re.search(r"line 2 of \S*/test\.conf", done.stderr)


RIGHT = [
    (in_location, "UptimeKeysForwardKey On"),
    (in_location, "UptimeKeysHeader X-API-Key"),
    (in_location, "UptimeKeysIdentityHeaders X-Uptime"),
    (in_location, "UptimeKeysPreflight On"),
    (in_location, "UptimeKeysProblemBase https://errors.example/"),
    (on_line_2, "UptimeKeysForwardKey Off"),
    (on_line_2, "UptimeKeysHeader X-API-Key"),
    (on_line_2, "UptimeKeysIdentityHeaders X-Uptime"),
    (on_line_2, "UptimeKeysPreflight Off"),
    (on_line_2, "UptimeKeysProblemBase urn:example:"),
    (on_line_2, "UptimeKeysMaxPerTeam 25"),
    (on_line_2, "UptimeKeysLastUsedInterval 1"),
    (on_line_2, "UptimeKeysRequireChecksum off"),
    (on_line_2, "UptimeKeysCache On"),
    (on_line_2, "UptimeKeysCache off"),
    (on_line_2, "UptimeKeysCacheSize 1048576"),
    (on_line_2, "UptimeKeysCacheSize 1024k"),
    (on_line_2, "UptimeKeysCacheSize 1024M"),
    (on_line_2, 'UptimeKeysScope billing:read "Read invoices" "Billing"'),
    (in_host, "UptimeKeysHeader X-API-Key"),
    (in_host, "UptimeKeysMaxPerTeam 3"),
    (in_host, 'UptimeKeysScope billing:read "Read invoices"'),
]


@pytest.mark.parametrize("context,directive", RIGHT,
                         ids=[row[1] for row in RIGHT])
def test_right_directive_is_accepted(idle, context, directive):
    done = config_test(idle, context(directive))
    assert done.returncode == 0, done.stderr
    assert "UK0" not in done.stderr


DEFAULT = "UptimeKeysDefaultLifetime {}\n"
MAXIMUM = "UptimeKeysMaxLifetime {}\n"
# The lines of the main server and of a virtual host, and the lifetimes that
# httpd complains about.
LIFETIMES = {
    "longer": (DEFAULT.format(8) + MAXIMUM.format(7), "", (8, 7)),
    "the other way round": (MAXIMUM.format(7) + DEFAULT.format(8), "", (8, 7)),
    "longer in a host": ("", DEFAULT.format(8) + MAXIMUM.format(7), (8, 7)),
    "longer than a host's": (DEFAULT.format(8), MAXIMUM.format(7), (8, 7)),
    "a host's longer": (MAXIMUM.format(7), DEFAULT.format(8), (8, 7)),
    "as long": (DEFAULT.format(7) + MAXIMUM.format(7), "", None),
    "shorter": (DEFAULT.format(1) + MAXIMUM.format(7), "", None),
    "no maximum": (DEFAULT.format(36500), "", None),
    "no default": (MAXIMUM.format(1), "", None),
    "None": (DEFAULT.format("None") + MAXIMUM.format(7), "", None),
    "maximum None": (DEFAULT.format(8) + MAXIMUM.format("None"), "", None),
    "host without": (MAXIMUM.format(7), MAXIMUM.format("None")
                     + DEFAULT.format(8), None),
}


@pytest.mark.parametrize("main,host,complaint", LIFETIMES.values(),
                         ids=LIFETIMES)
def test_default_lifetime_is_not_longer_than_the_maximum(
        new_httpd, main, host, complaint):
    server = new_httpd(
        main + "<VirtualHost 127.0.0.2:1>\nServerName other\n"
        f"{host}</VirtualHost>\n",
        database=False, driver=False, start=False,
        expect_log=["UK0001", "UK0006", "AH00020"])
    if complaint is None:
        server.start(await_checks=False)
        return
    with pytest.raises(AssertionError, match="httpd did not start"):
        server.start()
    said = server.stderr() + server.error_log.text()
    assert ("UptimeKeysDefaultLifetime %d is longer than "
            "UptimeKeysMaxLifetime %d" % complaint) in said


def settings():
    """(directive, kind, parts of its row) of every row of settings.h."""
    loader = SourceFileLoader("directives",
                              str(REPOSITORY / "build" / "directives"))
    module = module_from_spec(spec_from_loader("directives", loader))
    loader.exec_module(module)
    return list(module.directives())


def values_of(kind, parts):
    """Good arguments of a directive, and bad ones."""
    if kind == "FLAG":
        return ["On", "off"], ["maybe", "1", ""]
    if kind == "NUMBER":
        low, high = parts[2], parts[3]
        good = [low] + [high] * high.isdigit()
        bad = ["-1", "many", "1.5", f"{low}x", "99999999999999999999"]
        return good, bad + [str(int(low) - 1)]
    if kind == "DAYS":
        return [parts[2], "36500", "None", "none"], [
            "0", "-1", "36501", "1.5", "5d", "Off", "99999999999999999999"]
    if kind == "LIMIT":
        return ["1/1", "1000000/86400", "600/60", "None", "none"], [
            "0/60", "600/0", "1000001/60", "600/86401", "600", "600/", "/60",
            "600/60/1", "-1/60", "+1/60", "600/-60", "600/+60", '"600/ 60"',
            "1.5/60", "600/60s", "Off", "600:60",
            "99999999999999999999/60", "4294967297/60", "600/4294967297"]
    if kind == "PERIOD":
        return ["1", "86400", "Off", "off"], [
            "0", "-1", "86401", "1.5", "5s", "None", "99999999999999999999"]
    return [], []


SETTINGS = [(directive, value, is_good)
            for directive, kind, parts in settings()
            for is_good, values in zip((True, False), values_of(kind, parts))
            for value in values]


@pytest.mark.parametrize("directive,value,is_good", SETTINGS)
def test_flags_and_numbers_take_what_their_row_says(
        idle, directive, value, is_good):
    done = config_test(idle, on_line_2(f"{directive} {value}"))
    assert (done.returncode == 0) == is_good, done.stderr
    assert is_good or (directive in done.stderr and "line 2" in done.stderr)


CATALOGUE = """
    monitors dns-monitors tcp-monitors cron-jobs alerts status-pages
    maintenance teams api-keys""".split()


def test_every_scope_of_the_catalogue_is_known(idle):
    scopes = [f"{thing}:{verb}" for thing in CATALOGUE
              for verb in ("read", "write")]
    scopes += ["cron-jobs:ping", "invites:read", "invites:write",
               "team-domains:read", "team-domains:write"]
    assert len(scopes) == 23
    done = config_test(idle, in_location(
        "Require uptime-scope " + " ".join(scopes)))
    assert done.returncode == 0, done.stderr


OWN_SCOPE = 'UptimeKeysScope billing:read "Read invoices"\n'
USE = in_location("Require uptime-scope billing:read")


@pytest.mark.parametrize("text", [
    OWN_SCOPE + USE,
    USE + OWN_SCOPE,
    OWN_SCOPE + f"<VirtualHost *:1>\n{USE}</VirtualHost>\n",
    f"<VirtualHost *:1>\n{USE}</VirtualHost>\n" + OWN_SCOPE,
    f"<VirtualHost *:1>\n{OWN_SCOPE}{USE}</VirtualHost>\n",
    f"<VirtualHost *:1>\n{USE}{OWN_SCOPE}</VirtualHost>\n",
], ids=["before", "after", "before a host", "after a host",
        "before, in a host", "after, in a host"])
def test_own_scope_is_known_wherever_it_is_declared(idle, text):
    done = config_test(idle, text)
    assert done.returncode == 0, done.stderr


def test_own_scope_is_suggested_for_a_slip(idle):
    done = config_test(idle, OWN_SCOPE + in_location(
        "Require uptime-scope biling:read"))
    assert done.returncode != 0
    assert "billing:read" in done.stderr


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(
        'UptimeKeysScope billing:read "Read invoices" "Billing"\n'
        'UptimeKeysScope monitors:read "Our own words"\n'
        + in_location(GUARD + "Require uptime-scope billing:read")
        + '<Directory "${ROOT}/htdocs">\nAllowOverride All\n</Directory>\n')


def test_own_scope_lets_its_holder_in(server):
    """The tool reads it with -c from the same configuration."""
    server.expect_log(AUTHZ_FAILED)
    database = server.database
    config = server.write("conf/keys.conf", "\n".join([
        f"DBDriver {database.driver}", f'DBDParams "{database.params}"',
        OWN_SCOPE]))
    done = database.tool("key", "create", "acme", "--name", "billing",
                         "--scope", "billing:read", config=config)
    billing = done.stdout.strip()
    assert server.get("/t/x", billing).status_code == 200
    monitors = database.create_key("monitors:read")
    assert server.get("/t/x", monitors).status_code == 403


@pytest.mark.parametrize("directive", [
    "UptimeKeysHeader X-API-Key", "UptimeKeysForwardKey On",
    "UptimeKeysPreflight On", "UptimeKeysIdentityHeaders X",
    "UptimeKeysRateLimit 600/60",
    'UptimeKeysScope a:b "c"', "UptimeKeysMaxPerTeam 100"])
def test_directive_of_the_server_is_refused_in_htaccess(server, directive):
    server.expect_log("not allowed here")
    server.write("htdocs/own/.htaccess", directive + "\n")
    server.write("htdocs/own/file.txt", "file")
    assert server.get("/own/file.txt").status_code == 500
    assert "not allowed here" in server.error_log.text()
