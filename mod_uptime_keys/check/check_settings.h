/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the settings, which need no connection. */
#ifndef UK_CHECK_CHECK_SETTINGS_H
#define UK_CHECK_CHECK_SETTINGS_H

#include "check/check.h"

/* Whether DBDParams is an absolute path, if it is the path of a file. */
uk_check_fn uk_check_path;
/* Whether DBDParams contains the options that the driver should have. */
uk_check_fn uk_check_options;
/* Whether DBDMin, DBDKeep and DBDMax make a pool that is possible, and large
 * enough. */
uk_check_fn uk_check_pool;

#endif
