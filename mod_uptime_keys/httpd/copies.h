/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of a credential, which SetEnvIf, RewriteRule or another module made
 * before the credential was removed. */
#ifndef UK_HTTPD_COPIES_H
#define UK_HTTPD_COPIES_H

#include "httpd/module.h"

typedef struct {
    const char *string; /* NULL: any key */
    apr_size_t len;
    const char *part; /* of the string; a variable with this has it, or most */
    apr_size_t part_len;
    /* search headers too, for the whole string: not for what the client chooses
     * freely, or it could remove any header */
    int in_headers;
} uk_secret_string_t;

/* Authorization gives six at most, UptimeKeysHeader two. */
#define UK_PRESENTED_MAX 8

/* What a client presented. The count is 0 to begin with; the strings are not
 * copied. One of less than 8 characters is not searched for: a client could
 * remove variables that contain it by chance. */
typedef struct {
    uk_secret_string_t strings[UK_PRESENTED_MAX];
    int count;
} uk_presented_t;

/** Add a string, unless it is short. */
void uk_copies_add(uk_presented_t *presented, const char *string,
                   int in_headers);

/** Add a credential. @return 1 if it is or contains a key, which is searched for
 *  in headers; 0 if it is something else, which is not */
int uk_copies_add_credential(uk_presented_t *presented, const char *credential);

/** Remove what contains anything presented, or the middle of a key, from the
 *  environment and the notes of a request; and, as far as in_headers says so,
 *  what contains the whole of it from its headers and those of the answer. */
void uk_copies_remove(request_rec *r, const uk_presented_t *presented);

#endif
