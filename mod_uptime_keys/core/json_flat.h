/* SPDX-License-Identifier: Apache-2.0 */
/* JSON objects that contain no other one: read quickly if they are simple. */
#ifndef UK_CORE_JSON_FLAT_H
#define UK_CORE_JSON_FLAT_H

#include <apr_tables.h>

/* The most members of a simple object. */
#define UK_FLAT_MAX 16

typedef enum {
    UK_FLAT_MISSING,
    UK_FLAT_NULL,
    UK_FLAT_STRING,
    UK_FLAT_INTEGER,
    UK_FLAT_STRINGS, /* an array of nothing else, perhaps empty */
    UK_FLAT_OBJECT,
    UK_FLAT_OTHER
} uk_flat_kind_e;

typedef struct {
    uk_flat_kind_e kind;
    const char *string;  /* NULL unless it is one */
    apr_int64_t integer; /* 0 unless it is one */
    apr_array_header_t
        *strings; /* of const char *; NULL unless they are some */
} uk_flat_value_t;

typedef struct {
    const char *name; /* in the text, and without a NUL at its end */
    apr_size_t len;
    uk_flat_value_t value;
} uk_flat_member_t;

typedef struct {
    uk_flat_member_t members[UK_FLAT_MAX];
    int count;
} uk_flat_object_t;

/**
 * Read an object that is simple, at a tenth of what jansson takes: printable
 * ASCII, no backslash, at least one member and none twice, and only strings,
 * positive integers of up to 18 digits, null, and arrays of strings.
 *
 * @param text   need not end in NUL, and must live as long as the object
 * @param object receives it, with strings in the pool
 * @return 1; 0 if it is not simple: it may be any JSON, or none
 */
int uk_json_read_flat(apr_pool_t *pool, const char *text, apr_size_t len,
                      uk_flat_object_t *object);

#endif
