/* SPDX-License-Identifier: Apache-2.0 */
/* What every file of httpd/ and manage/ needs: httpd's headers, the module. */
#ifndef UK_HTTPD_MODULE_H
#define UK_HTTPD_MODULE_H

#include <apr_lib.h>
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

extern module AP_MODULE_DECLARE_DATA uptime_keys_module
    __attribute__((visibility("default")));

APLOG_USE_MODULE(uptime_keys);

/* The id of a log line, as APLOGNO() is for the modules of httpd. Each is used
 * once; mod_uptime_keys/README.md lists them. */
#define UKLOGNO(n) "UK" #n ": "

/* The AuthType, the AuthBasicProvider, and AUTH_TYPE if a key was accepted. */
#define UK_AUTH_TYPE "uptime-key"

/* The names for SetHandler. All begin with the first. */
#define UK_HANDLER "uptime-keys"
#define UK_METRICS_HANDLER "uptime-keys-metrics"
#define UK_LEAKED_HANDLER "uptime-keys-leaked"
#define UK_VERIFY_HANDLER "uptime-keys-verify"

#endif
