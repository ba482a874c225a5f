/* SPDX-License-Identifier: Apache-2.0 */
/* The check of how long keys live. */
#ifndef UK_CHECK_CHECK_LIFETIMES_H
#define UK_CHECK_CHECK_LIFETIMES_H

#include "check/check.h"

/* How many keys live longer than the maximum. They were there before it, and it
 * leaves them alone, so that is no warning. */
uk_check_fn uk_check_lifetimes;

#endif
