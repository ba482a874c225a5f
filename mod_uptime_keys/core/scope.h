/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes: the catalogue of names, and sets of them as bits. */
#ifndef UK_CORE_SCOPE_H
#define UK_CORE_SCOPE_H

#include <apr_pools.h>
#include <apr_tables.h>

/* Scopes a catalogue can hold, the 23 built-in ones included. */
#define UK_SCOPE_MAX 256
#define UK_SCOPE_NAME_MAX 64
#define UK_SCOPE_TEXT_MAX 255

typedef struct {
    const char *name;        /* "monitors:read" */
    const char *description; /* one sentence part, for people */
    const char *group;       /* heading it stands under */
} uk_scope_t;

typedef struct uk_catalogue_t uk_catalogue_t;

/* A set of scopes: bit i is the scope at index i of the catalogue. */
typedef struct {
    apr_uint64_t word[UK_SCOPE_MAX / 64];
} uk_scopes_t;

/** A catalogue of the built-in scopes, allocated from the pool. */
uk_catalogue_t *uk_catalogue_create(apr_pool_t *pool);

/**
 * Add a scope, or describe a known one anew.
 *
 * @param group NULL for "Other", or for the group that the scope has
 * @return NULL, or why it was refused
 */
const char *uk_catalogue_add(uk_catalogue_t *catalogue, const char *name,
                             const char *description, const char *group)
    __attribute__((warn_unused_result));

/**
 * 1 where a text can name a scope: ^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$, at most
 * UK_SCOPE_NAME_MAX bytes; else 0.
 */
int uk_scope_name_is_valid(const char *name);

/** The number of scopes. */
int uk_catalogue_size(const uk_catalogue_t *catalogue);

/** The scope at an index from 0 to uk_catalogue_size() - 1. */
const uk_scope_t *uk_catalogue_get(const uk_catalogue_t *catalogue, int index);

/** The index of a name, or -1. */
int uk_catalogue_find(const uk_catalogue_t *catalogue, const char *name);

/** The name most like a misspelt one, or NULL if none is near. */
const char *uk_catalogue_nearest(const uk_catalogue_t *catalogue,
                                 const char *name);

/** Put the scope at an index into a set. */
void uk_scopes_add(uk_scopes_t *set, int index);

/** 1 where the sets have a member in common, else 0. */
int uk_scopes_intersect(const uk_scopes_t *a, const uk_scopes_t *b);

/** 1 where const char *s have that name among them, else 0. */
int uk_strings_contain(const apr_array_header_t *names, const char *name);

/** 1 where the scope of a name is in the set, else 0. */
int uk_scopes_contain(const uk_scopes_t *set, const uk_catalogue_t *catalogue,
                      const char *name);

/**
 * The set of those names that the catalogue knows.
 *
 * @param names of const char *; an unknown name grants nothing
 */
uk_scopes_t uk_scopes_from_names(const uk_catalogue_t *catalogue,
                                 const apr_array_header_t *names);

#endif
