/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a key. */
#include "core/key.h"

#include <stddef.h>
#include <string.h>

#define FIELD_ROW(field, kind, column, member, shown)                          \
    {UK_KIND_##kind, member, UK_SHOWN_##shown, offsetof(uk_key_t, field)},

const uk_key_field_t uk_key_fields[UK_KEY_FIELD_COUNT] = {
    UK_KEY_FIELDS(FIELD_ROW, FIELD_ROW)};

uk_instant_t uk_key_previous_end(const uk_key_t *key)
{
    return key->expires_at != UK_INSTANT_NONE
                   && key->expires_at < key->previous_ends_at
               ? key->expires_at
               : key->previous_ends_at;
}

int uk_key_has_previous(const uk_key_t *key, uk_instant_t now)
{
    return key->previous_prefix && uk_key_previous_end(key) > now;
}

int uk_key_is_leaked(const uk_key_t *key)
{
    return key->disabled_at != UK_INSTANT_NONE && key->disabled_reason
           && strcmp(key->disabled_reason, UK_DISABLED_LEAKED) == 0;
}
