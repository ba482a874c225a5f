/* SPDX-License-Identifier: Apache-2.0 */
/* The directives that the tool shares with httpd, from a configuration file. */
#include "cli/httpdconf.h"

#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/httpdconf_word.h"
#include "db/session.h"

/* A file while it is being read. */
typedef struct {
    apr_pool_t *pool;
    const char *file;
    char *rest; /* what has not been read yet */
    const char *end;
    int line; /* where the current directive begins */
    int next_line;
    int section;         /* of a virtual host, from 1; 0: the main server's */
    int sections;        /* that have begun */
    int init_section;    /* where the first DBDInitSQL is */
    apr_hash_t *defined; /* names of Define -> values */
    uk_catalogue_t *catalogue;
    cli_httpdconf_t *conf;
} reader_t;

static const char *line_error(const reader_t *reader, const char *problem)
{
    return apr_psprintf(reader->pool, "%s, line %d: %s", reader->file,
                        reader->line, problem);
}

/* Append the next line of the file to a directive, in place. As in httpd, a
 * backslash before a newline continues it, whichever line the backslash comes
 * from, and is removed. @return 1 if it is continued, else 0 */
static int append_physical_line(reader_t *reader, const char *line, char **end)
{
    size_t left = (size_t)(reader->end - reader->rest);
    const char *newline = memchr(reader->rest, '\n', left);
    size_t len = newline ? (size_t)(newline - reader->rest) : left;
    char *out = *end + len;
    int is_continued;

    memmove(*end, reader->rest, len);
    reader->rest += len + (newline != NULL);
    reader->next_line++;
    if (newline && out > line && out[-1] == '\r') {
        out--;
    }
    is_continued = newline && out > line && out[-1] == '\\';
    *end = out - is_continued;
    return is_continued;
}

/* The next directive with its continuation lines, without white space at its
 * end; NULL at the end of the file. Comments are continued, too. */
static const char *logical_line(reader_t *reader)
{
    char *line = reader->rest, *end = line;
    int is_continued;

    if (!*line) {
        return NULL;
    }
    reader->line = reader->next_line;
    do {
        is_continued = append_physical_line(reader, line, &end);
    } while (is_continued && *reader->rest);
    while (end > line && apr_isspace(end[-1])) {
        end--;
    }
    *end = '\0';
    return line;
}

static const char *copy_range(const reader_t *reader, const char *from,
                              const char *to)
{
    return apr_pstrmemdup(reader->pool, from, (apr_size_t)(to - from));
}

/* The value of "${NAME}". As in httpd, a name without one stays as it is. */
static const char *variable_value(const reader_t *reader, const char *start,
                                  const char *end)
{
    const char *name = copy_range(reader, start + 2, end - 1);
    const char *value =
        apr_hash_get(reader->defined, name, APR_HASH_KEY_STRING);

    value = value ? value : getenv(name);
    return value ? value : copy_range(reader, start, end);
}

/* Replace each ${NAME} by the value of Define in this file, or of the
 * environment. There may be very many, hence no recursion. */
static const char *expand(const reader_t *reader, const char *word)
{
    apr_array_header_t *parts = apr_array_make(reader->pool, 3, sizeof(char *));
    const char *start, *end;

    while ((start = strstr(word, "${")) != NULL
           && (end = strchr(start, '}')) != NULL) {
        end++;
        APR_ARRAY_PUSH(parts, const char *) = copy_range(reader, word, start);
        APR_ARRAY_PUSH(parts, const char *) =
            variable_value(reader, start, end);
        word = end;
    }
    APR_ARRAY_PUSH(parts, const char *) = word;
    return apr_array_pstrcat(reader->pool, parts, '\0');
}

static const char *expanded_word(const reader_t *reader, const char **line)
{
    return expand(reader, cli_httpdconf_word(reader->pool, line));
}

static const char *set_once(reader_t *reader, cli_setting_t *setting,
                            const char *value)
{
    if (strstr(value, "${")) {
        return line_error(reader, "a variable that is not defined in this file "
                                  "nor in the environment: define it, or use "
                                  "--driver and --params");
    }
    if (!setting->value) {
        setting->value = value;
        setting->line = reader->line;
    }
    else if (strcmp(setting->value, value) != 0 && !setting->other_line) {
        setting->other_line = reader->line;
    }
    return NULL;
}

static const char *take_scope(reader_t *reader, const char **words)
{
    const char *problem =
        uk_catalogue_add(reader->catalogue, words[0], words[1], words[2]);

    return problem ? line_error(reader, problem) : NULL;
}

static const char *take_define(reader_t *reader, const char **words)
{
    apr_hash_set(reader->defined, words[0], APR_HASH_KEY_STRING,
                 words[1] ? words[1] : "");
    return NULL;
}

static const char *take_init_sql(reader_t *reader, const char **words)
{
    cli_setting_t *init_sql = &reader->conf->init_sql;

    if (!init_sql->value) {
        init_sql->value = words[0];
        init_sql->line = reader->line;
        reader->init_section = reader->section;
    }
    else if (reader->section == reader->init_section) {
        init_sql->value =
            apr_pstrcat(reader->pool, init_sql->value, "\n", words[0], NULL);
    }
    if (reader->section != reader->init_section || strstr(words[0], "${")) {
        init_sql->other_line = reader->line;
    }
    reader->conf->init_selects_schema |= uk_session_is_about_schema(words[0]);
    return NULL;
}

static const char *take_virtual_host(reader_t *reader, const char **words)
{
    (void)words;
    reader->section = ++reader->sections;
    return NULL;
}

static const char *leave_virtual_host(reader_t *reader, const char **words)
{
    (void)words;
    reader->section = 0;
    return NULL;
}

static const char *take_module(reader_t *reader, const char **words)
{
    return strcmp(words[0], "mpm_itk_module") == 0
               ? set_once(reader, &reader->conf->mpm_itk, words[0])
               : NULL;
}

/* The first one counts, whichever it is. */
static const char *take_proxies(reader_t *reader, const char *name)
{
    return reader->section == 0 || reader->conf->remoteip.value
               ? NULL
               : set_once(reader, &reader->conf->remoteip, name);
}

#define WORDS_MAX 3
/* Any number of arguments, which are not looked at. */
#define ANY (-1)

#define SETTING(field) 1, 1, NULL, offsetof(cli_httpdconf_t, field)
/* A list of proxies of mod_remoteip. */
#define PROXIES 0, ANY, NULL, 0

typedef struct {
    const char *name;
    int min, max; /* arguments */
    const char *(*take)(reader_t *reader, const char **words);
    size_t setting; /* if take is NULL: offset of the field that is set */
} directive_t;

static const directive_t directives[] = {
    {"DBDriver", SETTING(driver)},
    {"DBDParams", SETTING(params)},
    {"DBDInitSQL", 1, 1, take_init_sql, 0},
    {"DBDMin", SETTING(dbd_min)},
    {"DBDKeep", SETTING(dbd_keep)},
    {"DBDMax", SETTING(dbd_max)},
    {"DBDPersist", SETTING(dbd_persist)},
    {"ThreadsPerChild", SETTING(threads)},
    {"UptimeKeysMaxPerTeam", SETTING(max_per_team)},
    {"UptimeKeysAllowStandby", SETTING(allow_standby)},
    {"UptimeKeysMaxLifetime", SETTING(max_lifetime)},
    {"UptimeKeysDefaultLifetime", SETTING(default_lifetime)},
    {"UptimeKeysRotateOverlap", SETTING(rotate_overlap)},
    {"UptimeKeysRequireChecksum", SETTING(require_checksum)},
    {"UptimeKeysScope", 2, 3, take_scope, 0},
    {"Define", 1, 2, take_define, 0},
    {"LoadModule", 2, 2, take_module, 0},
    {"<VirtualHost", 0, ANY, take_virtual_host, 0},
    {"</VirtualHost>", 0, 0, leave_virtual_host, 0},
    {"RemoteIPTrustedProxy", PROXIES},
    {"RemoteIPTrustedProxyList", PROXIES},
    {"RemoteIPInternalProxy", PROXIES},
    {"RemoteIPInternalProxyList", PROXIES},
};

static cli_setting_t *setting_at(const reader_t *reader, size_t offset)
{
    return (cli_setting_t *)((char *)reader->conf + offset);
}

static const directive_t *find_directive(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
        if (strcasecmp(name, directives[i].name) == 0) {
            return &directives[i];
        }
    }
    return NULL;
}

static const char *take_words(reader_t *reader, const directive_t *directive,
                              const char *line)
{
    const char *words[WORDS_MAX] = {NULL};
    int count = 0;

    while (*line && count < directive->max) {
        words[count++] = expanded_word(reader, &line);
    }
    if ((*line && directive->max != ANY) || count < directive->min) {
        return line_error(reader, apr_psprintf(reader->pool,
                                               "%s has too %s arguments; one "
                                               "with spaces needs quotes",
                                               directive->name,
                                               *line ? "many" : "few"));
    }
    if (directive->take) {
        return directive->take(reader, words);
    }
    return directive->max == ANY
               ? take_proxies(reader, directive->name)
               : set_once(reader, setting_at(reader, directive->setting),
                          words[0]);
}

static const char *take_line(reader_t *reader, const char *line)
{
    const char *name = expanded_word(reader, &line);
    const directive_t *directive = find_directive(name);

    return directive ? take_words(reader, directive, line) : NULL;
}

static const char *read_file(apr_pool_t *pool, const char *name, char **content)
{
    apr_file_t *file;
    apr_size_t len = CLI_HTTPDCONF_MAX + 1;
    char *buffer = apr_palloc(pool, len + 1);
    char reason[120];
    apr_status_t rv =
        apr_file_open(&file, name, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    if (rv == APR_SUCCESS) {
        rv = apr_file_read_full(file, buffer, len, &len);
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS && rv != APR_EOF) {
        apr_strerror(rv, reason, sizeof(reason));
        return apr_psprintf(pool, "cannot read %s: %s", name, reason);
    }
    if (len > CLI_HTTPDCONF_MAX) {
        return apr_psprintf(pool, "%s is too long for a configuration file",
                            name);
    }
    buffer[len] = '\0';
    *content = buffer;
    return NULL;
}

const char *cli_httpdconf_read(apr_pool_t *pool, const char *file,
                               uk_catalogue_t *catalogue, cli_httpdconf_t *conf)
{
    reader_t reader = {.pool = pool,
                       .file = file,
                       .next_line = 1,
                       .defined = apr_hash_make(pool),
                       .catalogue = catalogue,
                       .conf = conf};
    const char *error = read_file(pool, file, &reader.rest);
    const char *line;

    memset(conf, 0, sizeof(*conf));
    reader.end = error ? NULL : reader.rest + strlen(reader.rest);
    while (!error && (line = logical_line(&reader)) != NULL) {
        line = cli_httpdconf_skip_space(line);
        if (*line != '#') {
            error = take_line(&reader, line);
        }
    }
    return error;
}
