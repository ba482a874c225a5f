/* SPDX-License-Identifier: Apache-2.0 */
/* A module that runs main() once httpd has read its configuration, and ends
 * httpd with the status that it returns. */
#include "in_httpd.h"

#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <stdlib.h>
#include <unistd.h>

/* Where the file descriptor is kept that stderr was before httpd's log. */
#define STDERR_KEY "run_in_httpd_stderr"

int main(int argc, char **argv);

server_rec *in_httpd_server;

extern module AP_MODULE_DECLARE_DATA run_in_httpd_module
    __attribute__((visibility("default")));

APLOG_USE_MODULE(run_in_httpd);

static int argument_count;
static char **arguments;

static const char *set_arguments(cmd_parms *cmd, void *config, int argc,
                                 char *const argv[])
{
    int i;

    (void)config;
    arguments = apr_pcalloc(cmd->pool, ((apr_size_t)argc + 1) * sizeof(char *));
    for (i = 0; i < argc; i++) {
        arguments[i] = apr_pstrdup(cmd->pool, argv[i]);
    }
    argument_count = argc;
    return NULL;
}

/* httpd makes its log stderr before it reads the configuration again, and loads
 * the modules again. */
static int keep_stderr(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)pconf;
    (void)plog;
    (void)ptemp;
    if (!ap_retained_data_get(STDERR_KEY)) {
        int *kept = ap_retained_data_create(STDERR_KEY, sizeof(*kept));

        *kept = dup(STDERR_FILENO);
    }
    return OK;
}

static int run_main(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                    server_rec *server)
{
    const int *kept = ap_retained_data_get(STDERR_KEY);

    (void)pconf;
    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG
        || argument_count == 0) {
        return OK;
    }
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server, "run_in_httpd: %s",
                 arguments[0]);
    if (kept) {
        dup2(*kept, STDERR_FILENO);
    }
    in_httpd_server = server;
    exit(main(argument_count, arguments));
}

static void register_run(apr_pool_t *pool)
{
    (void)pool;
    in_httpd_register_filters();
    ap_hook_pre_config(keep_stderr, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_post_config(run_main, NULL, NULL, APR_HOOK_REALLY_LAST);
}

static const command_rec commands[] = {
    AP_INIT_TAKE_ARGV("RunInHttpd", set_arguments, NULL, RSRC_CONF,
                      "the arguments of main(), its name first"),
    {NULL},
};

module AP_MODULE_DECLARE_DATA run_in_httpd_module = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, commands, register_run,
};
