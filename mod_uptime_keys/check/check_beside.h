/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what stands beside the module in httpd. */
#ifndef UK_CHECK_CHECK_BESIDE_H
#define UK_CHECK_CHECK_BESIDE_H

#include "check/check.h"

/* Whether mod_remoteip obeys its lists of proxies. */
uk_check_fn uk_check_remoteip;
/* Whether the MPM is one that the module can work with. */
uk_check_fn uk_check_mpm;

#endif
