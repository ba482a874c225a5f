/* SPDX-License-Identifier: Apache-2.0 */
/* The command table. */
#ifndef UK_HTTPD_DIRECTIVES_H
#define UK_HTTPD_DIRECTIVES_H

#include "httpd/module.h"

/* It is read before all other directives, see uk_config_start(). */
#define UK_SCOPE_DIRECTIVE "UptimeKeysScope"

extern const command_rec uk_commands[];

#endif
