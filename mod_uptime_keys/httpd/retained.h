/* SPDX-License-Identifier: Apache-2.0 */
/* Shared memory that a graceful restart keeps. */
#ifndef UK_HTTPD_RETAINED_H
#define UK_HTTPD_RETAINED_H

#include "httpd/module.h"

/**
 * In post_config: memory that all children share, from the first start of httpd
 * on until it ends. A restart, graceful or not, finds what was there; children
 * of the generation before still write to it then.
 *
 * @param name what it is for; the version of its layout belongs to the name, as
 *             a restart may load another version of this module
 * @param size in bytes; another size than before gives new memory
 * @return the memory, aligned like a cache line and all zeros if it is new;
 *         NULL if there is none, which is not logged
 */
void *uk_retained_memory(server_rec *server, const char *name, apr_size_t size);

/** In post_config, before uk_retained_memory(): the memory that an earlier start
 *  has left, of whatever size. @return NULL: none */
const void *uk_retained_before(const char *name);

#endif
