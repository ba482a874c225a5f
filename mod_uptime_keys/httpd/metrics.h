/* SPDX-License-Identifier: Apache-2.0 */
/* SetHandler uptime-keys-metrics: the figures for Prometheus. */
#ifndef UK_HTTPD_METRICS_H
#define UK_HTTPD_METRICS_H

#include "httpd/module.h"

/**
 * In the hook handler: answer with the figures, as text of Prometheus or, if the client
 * asks for it, of OpenMetrics. It reads shared memory alone: no database, no
 * connection, no lock.
 *
 * @return DECLINED unless this SetHandler is in effect; else DONE
 */
int uk_metrics_handle(request_rec *r);

#endif
