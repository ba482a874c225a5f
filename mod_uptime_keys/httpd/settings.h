/* SPDX-License-Identifier: Apache-2.0 */
/* The directives, one row each.
 *
 * A row makes the field of the configuration, its initial value (unset), its
 * merge, its getter with the default (config.h), and its entry in the command
 * table (directives.c). A directive that is a flag or a number needs nothing
 * more; one of another form needs a function that sets it, in directives.c. */
#ifndef UK_HTTPD_SETTINGS_H
#define UK_HTTPD_SETTINGS_H

/* The value of a flag or number that no directive has set. A string is NULL. */
#define UK_UNSET (-1)

/*
 * What a directory says; "where" is httpd's own:
 *
 *     FLAG(field, default, directive, where, help)
 *     STRING(field, default, directive, function that sets it, where, help)
 *
 * A string that is set to "" stands for None: its getter gives NULL.
 */
/* clang-format off */
#define UK_DIR_DIRECTIVES(FLAG, STRING)                                        \
    STRING(header, NULL, "UptimeKeysHeader", set_header,                       \
           SERVER_OR_DIRECTORY,                                                \
           "a request header that may hold a key too, or None")                \
    FLAG(forward_key, 0, "UptimeKeysForwardKey", SERVER_OR_DIRECTORY,          \
         "On to let backends, CGI and sub-requests see the key")               \
    STRING(identity_prefix, NULL, "UptimeKeysIdentityHeaders",                 \
           set_identity_headers, SERVER_OR_DIRECTORY,                          \
           "prefix of request headers that tell who called, or None")          \
    FLAG(preflight, 0, "UptimeKeysPreflight", SERVER_OR_DIRECTORY,             \
         "On to let CORS preflight requests pass without a key")               \
    STRING(problem_base, "urn:uptime-keys:error:", "UptimeKeysProblemBase",    \
           set_problem_base, SERVER_OR_DIRECTORY,                              \
           "what stands before the name in a problem's type")                  \
    STRING(team, NULL, "UptimeKeysTeam", set_team, ACCESS_CONF,                \
           "the one team that is managed here")

/*
 * What a server says; "context" is NOT_IN_DIR_LOC_FILE for any server, or
 * GLOBAL_ONLY for the main server alone:
 *
 *     FLAG(field, default, directive, context, help)
 *     NUMBER(field, default, min, max, directive, context, help)
 *     SIZE(…), the same in bytes, with K or M behind the number
 */
#define UK_SERVER_DIRECTIVES(FLAG, NUMBER, SIZE)                               \
    FLAG(require_checksum, 1, "UptimeKeysRequireChecksum",                     \
         NOT_IN_DIR_LOC_FILE,                                                  \
         "Off to accept imported keys without a checksum")                     \
    NUMBER(max_per_team, UK_KEYS_PER_TEAM, 1, UK_KEYS_PER_TEAM_MAX,            \
           "UptimeKeysMaxPerTeam", NOT_IN_DIR_LOC_FILE,                        \
           "how many keys a team may have")                                    \
    NUMBER(last_used_interval, 60, 1, 86400, "UptimeKeysLastUsedInterval",     \
           NOT_IN_DIR_LOC_FILE,                                                \
           "seconds between two notes of a key's last use")                    \
    FLAG(cache, 0, "UptimeKeysCache", GLOBAL_ONLY,                             \
         "On to keep accepted keys in memory")                                 \
    SIZE(cache_size, 4 * UK_MIB, UK_MIB, 1024 * UK_MIB,                        \
         "UptimeKeysCacheSize", GLOBAL_ONLY,                                   \
         "bytes of memory for accepted keys, like 4M")

#define UK_MIB (1024 * 1024)

/*
 * What mod_dbd is told for a server. httpd gives a directive to every module
 * that declares it, so these are only observed; each stays unknown without
 * mod_dbd.
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
