/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes: the catalogue of their names, and sets of scopes as bit masks. */
#ifndef UK_CORE_SCOPE_H
#define UK_CORE_SCOPE_H

#include <apr_pools.h>
#include <apr_tables.h>

/* The most scopes that a catalogue holds, the 23 built-in ones included. */
#define UK_SCOPE_MAX 256
/* Bytes of a scope's name. */
#define UK_SCOPE_NAME_MAX 64
/* Bytes of a scope's description, and of its group. */
#define UK_SCOPE_DESCRIPTION_MAX 255

typedef struct {
    const char *name;        /* "monitors:read" */
    const char *description; /* for users, without a full stop */
    const char *group;       /* the heading under which it is listed */
} uk_scope_t;

/* All known scopes; not to be changed while other threads read it. */
typedef struct uk_catalogue_t uk_catalogue_t;

/* A set of scopes: bit i is the scope at index i of the catalogue. */
typedef struct {
    apr_uint64_t word[UK_SCOPE_MAX / 64];
} uk_scopes_t;

/** Create a catalogue of the built-in scopes in the pool. */
uk_catalogue_t *uk_catalogue_create(apr_pool_t *pool);

/**
 * Add a scope, or replace the description and group of a known one. The strings
 * are copied.
 *
 * @param group NULL: "Other", or for a known scope the group that it has
 * @return NULL, or a static message that says why it was refused
 */
const char *uk_catalogue_add(uk_catalogue_t *catalogue, const char *name,
                             const char *description, const char *group)
    __attribute__((warn_unused_result));

/** @return 1 if a string can be the name of a scope:
 *  ^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$, at most UK_SCOPE_NAME_MAX bytes;
 *  else 0 */
int uk_scope_name_is_valid(const char *name);

/** @return the number of scopes */
int uk_catalogue_size(const uk_catalogue_t *catalogue);

/** @return the scope at an index from 0 to uk_catalogue_size() - 1; it lives as
 *  long as the catalogue */
const uk_scope_t *uk_catalogue_get(const uk_catalogue_t *catalogue, int index);

/** @return the index of the scope with this name, or -1. It never changes. */
int uk_catalogue_find(const uk_catalogue_t *catalogue, const char *name);

/** @return the name in the catalogue that is most similar to a misspelt one;
 *  NULL if none is similar enough */
const char *uk_catalogue_nearest(const uk_catalogue_t *catalogue,
                                 const char *name);

/** Add the scope at an index of the catalogue to a set. */
void uk_scopes_add(uk_scopes_t *set, int index);

/** @return 1 if the sets have a member in common, else 0 */
int uk_scopes_intersect(const uk_scopes_t *a, const uk_scopes_t *b);

/** @return 1 if an array of const char * contains a string, else 0 */
int uk_strings_contain(const apr_array_header_t *strings, const char *string);

/** @return 1 if the scope with this name is in the set, else 0 */
int uk_scopes_contain(const uk_scopes_t *set, const uk_catalogue_t *catalogue,
                      const char *name);

/**
 * Make a set of those scopes that the catalogue knows.
 *
 * @param names of const char *; an unknown name grants nothing
 */
uk_scopes_t uk_scopes_from_names(const uk_catalogue_t *catalogue,
                                 const apr_array_header_t *names);

#endif
