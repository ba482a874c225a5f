/* SPDX-License-Identifier: Apache-2.0 */
/* The version of everything that this repository builds. */
#ifndef UK_CORE_VERSION_H
#define UK_CORE_VERSION_H

#define UK_VERSION "0.2.0"

#endif
