/* SPDX-License-Identifier: Apache-2.0 */
/* The principal of an accepted key, packed and unpacked. */
#include "core/principal.h"

#include <string.h>

/* Precedes the strings, each of which ends in NUL. */
typedef struct {
    uk_scopes_t scopes;
    uk_instant_t last_used_at;
    uk_instant_t expires_at;
    int is_previous;
    int has_checksum;
} packed_header_t;

/* @return where the next string goes; NULL if this one does not fit */
static unsigned char *pack_string(unsigned char *to, size_t *left,
                                  const char *string)
{
    size_t size = strlen(string) + 1;

    if (!to || size > *left) {
        return NULL;
    }
    memcpy(to, string, size);
    *left -= size;
    return to + size;
}

size_t uk_principal_pack(const uk_principal_t *principal, unsigned char *bytes,
                         size_t max)
{
    unsigned char *to = bytes + sizeof(packed_header_t);
    size_t left;
    packed_header_t header;

    if (max < sizeof(header)) {
        return 0;
    }
    left = max - sizeof(header);
    memset(&header, 0, sizeof(header));
    header.scopes = principal->scopes;
    header.last_used_at = principal->last_used_at;
    header.expires_at = principal->expires_at;
    header.is_previous = principal->is_previous;
    header.has_checksum = principal->has_checksum;
    memcpy(bytes, &header, sizeof(header));
    to = pack_string(to, &left, principal->id);
    to = pack_string(to, &left, principal->team);
    to = pack_string(to, &left, principal->name);
    to = pack_string(to, &left, principal->scope_names);
    to = pack_string(to, &left, principal->addresses);
    return to ? max - left : 0;
}

/* @return where the next string begins; NULL if this one does not end */
static const char *unpack_string(const char *from, const char *end,
                                 const char **string)
{
    const char *nul =
        from && from < end ? memchr(from, '\0', (size_t)(end - from)) : NULL;

    *string = from;
    return nul ? nul + 1 : NULL;
}

int uk_principal_unpack(const unsigned char *bytes, size_t len,
                        uk_principal_t *principal)
{
    const char *from = (const char *)bytes + sizeof(packed_header_t);
    const char *end = (const char *)bytes + len;
    packed_header_t header;

    if (len < sizeof(header)) {
        return -1;
    }
    memcpy(&header, bytes, sizeof(header));
    principal->scopes = header.scopes;
    principal->last_used_at = header.last_used_at;
    principal->expires_at = header.expires_at;
    principal->is_previous = header.is_previous;
    principal->has_checksum = header.has_checksum;
    principal->is_disabled = 0;
    from = unpack_string(from, end, &principal->id);
    from = unpack_string(from, end, &principal->team);
    from = unpack_string(from, end, &principal->name);
    from = unpack_string(from, end, &principal->scope_names);
    from = unpack_string(from, end, &principal->addresses);
    return from == end ? 0 : -1;
}
