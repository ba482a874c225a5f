/* SPDX-License-Identifier: Apache-2.0 */
/* The directives, one row each.
 *
 * A row defines the field of the configuration, its initial value (unset), its
 * merge, its getter with the default (config.h), its entry in the command table
 * (directives.c), and its row in README.md (build/directives). A directive that
 * is a flag or a number needs nothing more; a string needs a function that sets
 * it, in directives.c. */
#ifndef UK_HTTPD_SETTINGS_H
#define UK_HTTPD_SETTINGS_H

/* The value of a flag or number that no directive has set. A string is NULL
 * then. */
#define UK_UNSET (-1)

/*
 * Directives of a directory; "where" is req_override of a command_rec:
 *
 *     FLAG(field, default, directive, where, help)
 *     STRING(field, default, directive, argument, function that sets it,
 *            where, help)
 *
 *     PERIOD(…), like STRING, but a number, or 0 for Off
 *     LIMIT(…), like STRING, but a limit of httpd/rate.h, which for None has no
 *     requests
 *
 * A string that is set to "" stands for None: its getter returns NULL, and so does that
 * of a limit.
 */
/* clang-format off */
#define UK_DIR_DIRECTIVES(FLAG, STRING, PERIOD, LIMIT)                         \
    STRING(header, NULL, "UptimeKeysHeader", "NAME|None", set_header,          \
           SERVER_OR_DIRECTORY,                                                \
           "also take the key from this request header, for example X-API-Key")\
    FLAG(forward_key, 0, "UptimeKeysForwardKey", SERVER_OR_DIRECTORY,          \
         "Off removes the key before a backend, CGI program or sub-request "   \
         "can see it")                                                         \
    STRING(identity_prefix, NULL, "UptimeKeysIdentityHeaders", "PREFIX|None",  \
           set_identity_headers, SERVER_OR_DIRECTORY,                          \
           "send the identity to backends in the request headers "             \
           "PREFIX-Key-Id, -Key-Name, -Team and -Scopes; such headers from a " \
           "client are removed")                                               \
    FLAG(preflight, 0, "UptimeKeysPreflight", SERVER_OR_DIRECTORY,             \
         "On lets CORS preflight requests pass without a key")                 \
    STRING(problem_base, "urn:uptime-keys:error:", "UptimeKeysProblemBase",    \
           "URI", set_problem_base, SERVER_OR_DIRECTORY,                       \
           "the beginning of a problem's type; the name of the problem "       \
           "follows it")                                                       \
    PERIOD(recheck, 0, "UptimeKeysRecheck", "SECONDS|Off", set_recheck,        \
           SERVER_OR_DIRECTORY,                                                \
           "seconds after which it is looked again whether a key still holds "  \
           "while an answer to it goes out; the answer ends if it does not")   \
    LIMIT(rate_limit, NULL, "UptimeKeysRateLimit", "REQUESTS/SECONDS|None",    \
          uk_rate_set_limit, SERVER_OR_DIRECTORY,                                 \
          "the requests that a key may make in so many seconds; more are "     \
          "answered 429")                                                      \
    STRING(team, NULL, "UptimeKeysTeam", "TEAM", set_team, ACCESS_CONF,        \
           "restrict a management location to one team")

/*
 * Directives of a server; "context" is NOT_IN_DIR_LOC_FILE for any server, or
 * GLOBAL_ONLY for the main server alone:
 *
 *     FLAG(field, default, directive, context, help)
 *     NUMBER(field, default, min, max, directive, argument, context, help)
 *     SIZE(…), like NUMBER, but in bytes and with an optional suffix K or M
 *     DAYS(…), like NUMBER, or None, which is 0
 */
#define UK_SERVER_DIRECTIVES(FLAG, NUMBER, SIZE, DAYS)                         \
    FLAG(require_checksum, 1, "UptimeKeysRequireChecksum",                     \
         NOT_IN_DIR_LOC_FILE,                                                  \
         "Off accepts imported keys that have no checksum")                    \
    NUMBER(max_per_team, UK_KEYS_PER_TEAM, 1, UK_KEYS_PER_TEAM_MAX,            \
           "UptimeKeysMaxPerTeam", "NUMBER", NOT_IN_DIR_LOC_FILE,              \
           "the number of keys that a team may have")                          \
    NUMBER(last_used_interval, 60, 1, 86400, "UptimeKeysLastUsedInterval",     \
           "SECONDS", NOT_IN_DIR_LOC_FILE,                                     \
           "seconds that pass before the last use of a key is written again")  \
    NUMBER(rotate_overlap, UK_OVERLAP_DEFAULT, 0, UK_OVERLAP_MAX,              \
           "UptimeKeysRotateOverlap", "SECONDS", NOT_IN_DIR_LOC_FILE,          \
           "seconds that the old secret of a rotated key goes on, unless the " \
           "request says otherwise")                                           \
    DAYS(max_lifetime, 0, 1, UK_LIFETIME_MAX, "UptimeKeysMaxLifetime",         \
         "DAYS|None", NOT_IN_DIR_LOC_FILE,                                    \
         "the days that a key may live, from its creation or change on")       \
    DAYS(default_lifetime, 0, 1, UK_LIFETIME_MAX, "UptimeKeysDefaultLifetime", \
         "DAYS|None", NOT_IN_DIR_LOC_FILE,                                    \
         "the days that a key lives for which no expiry is asked")             \
    NUMBER(expiry_soon, 14, 0, UK_LIFETIME_MAX, "UptimeKeysExpirySoon", "DAYS", \
           NOT_IN_DIR_LOC_FILE,                                                \
           "the days before its expiry in which the page marks a key")         \
    FLAG(allow_standby, 0, "UptimeKeysAllowStandby", NOT_IN_DIR_LOC_FILE,      \
         "On lets a standby of PostgreSQL answer, where deleted keys work "    \
         "until it has caught up")                                             \
    FLAG(server_status, 0, "UptimeKeysServerStatus", NOT_IN_DIR_LOC_FILE,      \
         "On adds the figures to the page of mod_status")                      \
    NUMBER(metrics_per_key, 0, 0, UK_TOP_CAPACITY_MAX,                         \
           "UptimeKeysMetricsPerKey", "NUMBER", GLOBAL_ONLY,                   \
           "the number of keys, the most used ones, whose requests are "       \
           "counted one by one")                                               \
    FLAG(cache, 0, "UptimeKeysCache", GLOBAL_ONLY,                             \
         "cache accepted keys in shared memory")                               \
    SIZE(cache_size, 4 * UK_MIB, UK_MIB, 1024 * UK_MIB,                        \
         "UptimeKeysCacheSize", "BYTES", GLOBAL_ONLY,                          \
         "the size of the memory of UptimeKeysCache, from 1M to 1024M")

#define UK_MIB (1024 * 1024)

/* Seconds of UptimeKeysRecheck. */
#define UK_RECHECK_MAX 86400

/*
 * Directives of mod_dbd for a server. httpd passes a directive to every module
 * that declares it, so these are only observed. Without mod_dbd each is an
 * error.
 *
 *     FLAG(field, default, directive, help), NUMBER(…), STRING(…)
 */
#define UK_DBD_DIRECTIVES(FLAG, NUMBER, STRING)                                \
    STRING(dbd_driver, NULL, "DBDriver",                                      \
           "the database driver, see mod_dbd")                                 \
    STRING(dbd_params, NULL, "DBDParams",                                      \
           "the database's parameters, see mod_dbd")                           \
    NUMBER(dbd_min, UK_DBD_MIN, "DBDMin",                                      \
           "the fewest connections, see mod_dbd")                              \
    NUMBER(dbd_keep, UK_DBD_KEEP, "DBDKeep",                                   \
           "the most connections that are kept, see mod_dbd")                  \
    NUMBER(dbd_max, UK_DBD_MAX, "DBDMax",                                      \
           "the most connections, see mod_dbd")                                \
    NUMBER(dbd_exptime, UK_DBD_EXPTIME, "DBDExptime",                          \
           "seconds of an idle connection, see mod_dbd")                       \
    FLAG(dbd_persist, 1, "DBDPersist",                                         \
         "whether there is a pool, see mod_dbd")
/* clang-format on */

#endif
