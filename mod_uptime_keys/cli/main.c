/* SPDX-License-Identifier: Apache-2.0 */
/* uptime-keys: sets up the process, runs a command, and checks its output. */
#include <apr_general.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/secret.h"
#include "cli/dispatch.h"
#include "cli/time_limit.h"

/* Open standard streams that are closed, so that writing to them fails: else a
 * file that is opened later could become standard output, and receive what is
 * printed. */
static void keep_standard_streams(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDONLY);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
}

/* Output that could not be written is a failure. */
static cli_status_e check_output(const cli_t *cli, cli_status_e status)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return status;
    }
    return cli_fail(cli->pool, "cannot write to standard output: %s",
                    strerror(errno));
}

int main(int argc, char **argv)
{
    cli_t cli = {0};
    cli_status_e status;

    keep_standard_streams();
    if (apr_initialize() != APR_SUCCESS) {
        return CLI_FAILED;
    }
    atexit(apr_terminate);
    apr_pool_create(&cli.pool, NULL);
    if (uk_secret_init() != 0) {
        return (int)cli_fail(cli.pool, "the system has no source of "
                                       "randomness; is /dev/urandom there?");
    }
    status = check_output(&cli, cli_dispatch(&cli, argc, argv));
    cli_time_limit_finish((int)status);
    apr_pool_destroy(cli.pool);
    return (int)status;
}
