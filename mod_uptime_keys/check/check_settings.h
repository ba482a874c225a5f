/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the settings alone; no database is asked. */
#ifndef UK_CHECK_CHECK_SETTINGS_H
#define UK_CHECK_CHECK_SETTINGS_H

#include "check/check.h"

/* DBDParams of a file: an absolute path. */
uk_check_fn uk_check_path;
/* DBDParams: options without which something will hurt. */
uk_check_fn uk_check_options;
/* DBDMin, DBDKeep and DBDMax. */
uk_check_fn uk_check_pool;

#endif
