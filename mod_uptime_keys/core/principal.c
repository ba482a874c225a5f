/* SPDX-License-Identifier: Apache-2.0 */
/* What an accepted key comes to, and the same as bytes. */
#include "core/principal.h"

#include <string.h>

/* What stands before the texts, of which each has its NUL. */
typedef struct {
    uk_scopes_t scopes;
    uk_instant_t last_used_at;
    uk_instant_t expires_at;
    int has_checksum;
} header_t;

/* @return what is left behind a text, NULL where it does not fit */
static unsigned char *write_text(unsigned char *to, size_t *left,
                                 const char *text)
{
    size_t size = strlen(text) + 1;

    if (!to || size > *left) {
        return NULL;
    }
    memcpy(to, text, size);
    *left -= size;
    return to + size;
}

size_t uk_principal_pack(const uk_principal_t *principal, unsigned char *bytes,
                         size_t max)
{
    unsigned char *to = bytes + sizeof(header_t);
    size_t left;
    header_t header;

    if (max < sizeof(header)) {
        return 0;
    }
    left = max - sizeof(header);
    memset(&header, 0, sizeof(header));
    header.scopes = principal->scopes;
    header.last_used_at = principal->last_used_at;
    header.expires_at = principal->expires_at;
    header.has_checksum = principal->has_checksum;
    memcpy(bytes, &header, sizeof(header));
    to = write_text(to, &left, principal->id);
    to = write_text(to, &left, principal->team);
    to = write_text(to, &left, principal->name);
    to = write_text(to, &left, principal->scope_names);
    return to ? max - left : 0;
}

/* @return what is left behind a text, NULL where there is none */
static const char *read_text(const char *from, const char *end,
                             const char **text)
{
    const char *nul =
        from && from < end ? memchr(from, '\0', (size_t)(end - from)) : NULL;

    *text = from;
    return nul ? nul + 1 : NULL;
}

int uk_principal_unpack(const unsigned char *bytes, size_t len,
                        uk_principal_t *principal)
{
    const char *from = (const char *)bytes + sizeof(header_t);
    const char *end = (const char *)bytes + len;
    header_t header;

    if (len < sizeof(header)) {
        return -1;
    }
    memcpy(&header, bytes, sizeof(header));
    principal->scopes = header.scopes;
    principal->last_used_at = header.last_used_at;
    principal->expires_at = header.expires_at;
    principal->has_checksum = header.has_checksum;
    from = read_text(from, end, &principal->id);
    from = read_text(from, end, &principal->team);
    from = read_text(from, end, &principal->name);
    from = read_text(from, end, &principal->scope_names);
    return from == end ? 0 : -1;
}
