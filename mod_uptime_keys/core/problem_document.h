/* SPDX-License-Identifier: Apache-2.0 */
/* A problem document, RFC 9457. */
#ifndef UK_CORE_PROBLEM_DOCUMENT_H
#define UK_CORE_PROBLEM_DOCUMENT_H

#include <apr_pools.h>
#include <apr_tables.h>

typedef struct {
    const char *type; /* a URI */
    const char *title;
    int status;
    const char *detail;
    const char *instance; /* a URI */
    /* uk_field_error_ts (core/key.h), for the member "errors"; NULL: no such
     * member */
    const apr_array_header_t *errors;
} uk_problem_document_t;

/** Write the document as JSON, into the pool. A string that is NULL or not
 *  valid UTF-8 becomes null. */
const char *uk_problem_document_write(apr_pool_t *pool,
                                      const uk_problem_document_t *problem);

#endif
