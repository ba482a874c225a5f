/* SPDX-License-Identifier: Apache-2.0 */
/* The principal of an accepted key, packed and unpacked. */
#include "core/principal.h"

#include <stddef.h>
#include <string.h>

#define STRINGS 5

/* Precedes the strings, each of which ends in NUL. */
typedef struct {
    uk_scopes_t scopes;
    uk_instant_t last_used_at;
    uk_instant_t expires_at;
    apr_uint16_t group;
    apr_uint16_t sizes[STRINGS - 1]; /* of the strings but the last, with NUL */
    unsigned char flags;             /* the bits below */
} packed_header_t;

#define IS_PREVIOUS 1
#define HAS_CHECKSUM 2

/* Without what fills the structure up at its end. */
#define HEADER_LEN                                                             \
    (offsetof(packed_header_t, flags) + sizeof(((packed_header_t *)0)->flags))

size_t uk_principal_pack(const uk_principal_t *principal, unsigned char *bytes,
                         size_t max)
{
    const char *const strings[STRINGS] = {
        principal->id, principal->team, principal->name, principal->scope_names,
        principal->addresses};
    size_t used = HEADER_LEN;
    packed_header_t header;
    int i;

    memset(&header, 0, sizeof(header));
    header.scopes = principal->scopes;
    header.last_used_at = principal->last_used_at;
    header.expires_at = principal->expires_at;
    header.group = principal->group;
    header.flags =
        (unsigned char)((principal->is_previous ? IS_PREVIOUS : 0)
                        | (principal->has_checksum ? HAS_CHECKSUM : 0));
    for (i = 0; i < STRINGS; i++) {
        size_t size = strlen(strings[i]) + 1;

        if (used > max || size > max - used || size > APR_UINT16_MAX) {
            return 0;
        }
        memcpy(bytes + used, strings[i], size);
        if (i < STRINGS - 1) {
            header.sizes[i] = (apr_uint16_t)size;
        }
        used += size;
    }
    memcpy(bytes, &header, HEADER_LEN);
    return used;
}

/* @return where the next string begins; NULL if this one does not end there */
static const char *unpack_string(const char *from, const char *end, size_t size,
                                 const char **string)
{
    *string = from;
    return from && size > 0 && size <= (size_t)(end - from)
                   && from[size - 1] == '\0'
               ? from + size
               : NULL;
}

int uk_principal_unpack(const unsigned char *bytes, size_t len,
                        uk_principal_t *principal)
{
    const char *from = (const char *)bytes + HEADER_LEN;
    const char *end = (const char *)bytes + len;
    packed_header_t header;

    if (len < HEADER_LEN) {
        return -1;
    }
    memcpy(&header, bytes, HEADER_LEN);
    principal->scopes = header.scopes;
    principal->last_used_at = header.last_used_at;
    principal->expires_at = header.expires_at;
    principal->group = header.group;
    principal->is_previous = (header.flags & IS_PREVIOUS) != 0;
    principal->has_checksum = (header.flags & HAS_CHECKSUM) != 0;
    principal->is_disabled = 0;
    from = unpack_string(from, end, header.sizes[0], &principal->id);
    from = unpack_string(from, end, header.sizes[1], &principal->team);
    from = unpack_string(from, end, header.sizes[2], &principal->name);
    from = unpack_string(from, end, header.sizes[3], &principal->scope_names);
    from = unpack_string(from, end, from ? (size_t)(end - from) : 0,
                         &principal->addresses);
    return from ? 0 : -1;
}
