/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of the tool, from its options or an httpd configuration file. */
#include "cli/settings.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "store/rotate.h"
#include "cli/httpdconf.h"

const char *const cli_default_config_paths[] = {
    "/etc/apache2/mods-enabled/uptime_keys.conf",
    "/etc/httpd/conf.d/uptime_keys.conf",
    NULL,
};

static const char *default_config_path(void)
{
    const char *const *path = cli_default_config_paths;

    while (*path && access(*path, F_OK) != 0) {
        path++;
    }
    return *path;
}

static const char *disagree(apr_pool_t *pool, const char *file,
                            const char *directive, const cli_setting_t *setting)
{
    return apr_psprintf(pool, "%s has two different %s, on lines %d and %d",
                        file, directive, setting->line, setting->other_line);
}

/* A directive whose value is a number. */
typedef struct {
    const char *name;
    int min, max;
    int may_be_none; /* 1: None stands for 0 */
} number_t;

static const char *bad_number(apr_pool_t *pool, const char *file,
                              const number_t *number,
                              const cli_setting_t *setting)
{
    return apr_psprintf(pool,
                        "%s, line %d: %s must be a number from %d to %d%s",
                        file, setting->line, number->name, number->min,
                        number->max, number->may_be_none ? ", or None" : "");
}

/* @return 0, or -1 if a value is not one that the directive takes */
static int read_number(const number_t *number, const char *value, int *taken)
{
    char *end;
    long parsed = strtol(value, &end, 10);

    if (number->may_be_none && strcasecmp(value, "None") == 0) {
        *taken = 0;
        return 0;
    }
    *taken = (int)parsed;
    return end == value || *end || parsed < number->min || parsed > number->max
               ? -1
               : 0;
}

static const char *take_number(apr_pool_t *pool, const char *file,
                               const number_t *number,
                               const cli_setting_t *setting, int *taken)
{
    if (!setting->value) {
        return NULL;
    }
    if (setting->other_line) {
        return apr_pstrcat(pool, disagree(pool, file, number->name, setting),
                           ": make them the same", NULL);
    }
    return read_number(number, setting->value, taken) == 0
               ? NULL
               : bad_number(pool, file, number, setting);
}

static const char *take_numbers(apr_pool_t *pool, const cli_httpdconf_t *conf,
                                cli_settings_t *settings)
{
    const struct {
        number_t number;
        const cli_setting_t *setting;
        int *taken;
    } numbers[] = {
        {{"UptimeKeysMaxPerTeam", 1, UK_KEYS_PER_TEAM_MAX, 0},
         &conf->max_per_team,
         &settings->limit},
        {{"UptimeKeysMaxLifetime", 1, UK_LIFETIME_MAX, 1},
         &conf->max_lifetime,
         &settings->lifetimes.maximum},
        {{"UptimeKeysDefaultLifetime", 1, UK_LIFETIME_MAX, 1},
         &conf->default_lifetime,
         &settings->lifetimes.preset},
        {{"UptimeKeysRotateOverlap", 0, UK_OVERLAP_MAX, 0},
         &conf->rotate_overlap,
         &settings->rotate_overlap},
    };
    const char *error = NULL;
    size_t i;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && !error; i++) {
        error = take_number(pool, settings->file, &numbers[i].number,
                            numbers[i].setting, numbers[i].taken);
    }
    return error;
}

static const char *take_limits(apr_pool_t *pool, const cli_httpdconf_t *conf,
                               cli_settings_t *settings)
{
    const uk_lifetimes_t *lifetimes = &settings->lifetimes;
    const char *error = take_numbers(pool, conf, settings);

    if (error || !lifetimes->maximum
        || lifetimes->preset <= lifetimes->maximum) {
        return error;
    }
    return apr_psprintf(pool,
                        "%s, line %d: UptimeKeysDefaultLifetime %d is longer "
                        "than UptimeKeysMaxLifetime %d, and httpd does not "
                        "start with it",
                        settings->file, conf->default_lifetime.line,
                        lifetimes->preset, lifetimes->maximum);
}

/* Where servers disagree, what any of them accepts is a key. */
static int accepts_any_checksum(const cli_setting_t *require)
{
    return require->other_line
           || (require->value && strcasecmp(require->value, "Off") == 0);
}

/* A file without a database is no error yet: the command may not need one. */
static void take_database(apr_pool_t *pool, const cli_httpdconf_t *conf,
                          cli_settings_t *settings)
{
    const cli_setting_t *ambiguous = NULL;

    if (conf->driver.other_line) {
        ambiguous = &conf->driver;
    }
    else if (conf->params.other_line) {
        ambiguous = &conf->params;
    }
    if (conf->init_sql.other_line && conf->init_selects_schema && !ambiguous) {
        settings->without_database = apr_psprintf(
            pool,
            "%s has DBDInitSQL of several servers, or with variables, on lines "
            "%d and %d, and a schema may be selected there: say which with "
            "--driver and --params (PostgreSQL: options='-c "
            "search_path=SCHEMA')",
            settings->file, conf->init_sql.line, conf->init_sql.other_line);
    }
    else if (ambiguous) {
        settings->without_database = apr_pstrcat(
            pool,
            disagree(pool, settings->file,
                     ambiguous == &conf->driver ? "DBDriver" : "DBDParams",
                     ambiguous),
            ": say which with --driver and --params", NULL);
    }
    else if (!conf->driver.value || !conf->params.value) {
        settings->without_database = apr_psprintf(
            pool,
            "%s has no %s (Include lines are not followed): name the "
            "file that has it, or use --driver and --params",
            settings->file, conf->driver.value ? "DBDParams" : "DBDriver");
    }
    else {
        settings->driver = conf->driver.value;
        settings->params = conf->params.value;
    }
}

static int number_of(const cli_setting_t *setting, int fallback)
{
    return setting->value ? atoi(setting->value) : fallback;
}

static void take_pool(const cli_httpdconf_t *conf, uk_dbd_pool_size_t *pool)
{
    const char *persist = conf->dbd_persist.value;

    if (!persist || strcasecmp(persist, "Off") != 0) {
        pool->is_known = 1;
        pool->min = number_of(&conf->dbd_min, UK_DBD_MIN);
        pool->keep = number_of(&conf->dbd_keep, UK_DBD_KEEP);
        pool->max = number_of(&conf->dbd_max, UK_DBD_MAX);
    }
}

static void use_init_sql(const cli_setting_t *setting, cli_settings_t *settings)
{
    settings->init_sql_line = setting->other_line;
    settings->init_sql = setting->other_line ? NULL : setting->value;
}

static const char *place_of(apr_pool_t *pool, const char *file,
                            const cli_setting_t *setting)
{
    return setting->value ? apr_psprintf(pool, "%s on line %d of %s",
                                         setting->value, setting->line, file)
                          : NULL;
}

static const char *read_conf(apr_pool_t *pool, cli_settings_t *settings)
{
    cli_httpdconf_t conf;
    const char *error =
        cli_httpdconf_read(pool, settings->file, settings->catalogue, &conf);

    if (error) {
        return error;
    }
    take_database(pool, &conf, settings);
    if (settings->driver) {
        take_pool(&conf, &settings->pool);
        use_init_sql(&conf.init_sql, settings);
    }
    settings->allows_standby =
        conf.allow_standby.value
        && strcasecmp(conf.allow_standby.value, "On") == 0;
    settings->beside.remoteip = place_of(pool, settings->file, &conf.remoteip);
    settings->beside.mpm_itk = place_of(pool, settings->file, &conf.mpm_itk);
    settings->threads = number_of(&conf.threads, 0);
    settings->accepts_any_checksum =
        accepts_any_checksum(&conf.require_checksum);
    return take_limits(pool, &conf, settings);
}

const char *cli_settings_read(apr_pool_t *pool, const cli_options_t *options,
                              cli_settings_t *settings)
{
    const char *error = NULL;

    memset(settings, 0, sizeof(*settings));
    settings->catalogue = uk_catalogue_create(pool);
    settings->limit = UK_KEYS_PER_TEAM;
    settings->rotate_overlap = UK_OVERLAP_DEFAULT;
    settings->file = options->value[CLI_CONFIG];
    if (!settings->file && !options->value[CLI_DRIVER]) {
        settings->file = default_config_path();
    }
    if (settings->file) {
        error = read_conf(pool, settings);
    }
    else {
        settings->without_database =
            "where is the database? Use -c FILE (an httpd configuration file) "
            "or --driver NAME --params STRING";
        settings->is_usage_error = 1;
    }
    if (options->value[CLI_DRIVER]) {
        settings->driver = options->value[CLI_DRIVER];
        settings->params = options->value[CLI_PARAMS];
        settings->init_sql = NULL;
        settings->init_sql_line = 0;
    }
    return error;
}
