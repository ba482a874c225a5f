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
    int is_key; /* it is a key, or contains one, encoded or not */
} uk_secret_string_t;

/* Authorization gives five at most, UptimeKeysHeader two. */
#define UK_PRESENTED_MAX 7

/* What a client presented. The count is 0 to begin with; the strings are not
 * copied. */
typedef struct {
    uk_secret_string_t strings[UK_PRESENTED_MAX];
    int count;
} uk_presented_t;

/**
 * Add a credential. A string of less than 8 characters, which no key is, is not
 * searched for: a client could remove variables that contain it by chance.
 *
 * @param header replaces a credential that is so short; may be NULL
 */
void uk_copies_present(uk_presented_t *presented, const char *credential,
                       const char *header);

/** Add user and password in Base64, after the password. A copy may lack the
 *  padding. */
void uk_copies_present_encoded(uk_presented_t *presented, apr_pool_t *pool,
                               const char *encoded, const char *header);

/** @return 1 if a string contains a key or more of one than its prefix */
int uk_copies_contain_key(const char *string);

/** Remove what contains anything presented, or the middle of a key, from the
 *  environment and the notes of a request, and what contains a whole key from
 *  its headers and those of the answer, too. */
void uk_copies_remove(request_rec *r, const uk_presented_t *presented);

#endif
