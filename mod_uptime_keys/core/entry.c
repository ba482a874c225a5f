/* SPDX-License-Identifier: Apache-2.0 */
/* An accepted key as a few bytes, for a cache.
 *
 * First what has a fixed size, then texts, each with its NUL, then scopes to
 * the end: the index in the catalogue, or NAMED and the name. */
#include "core/entry.h"

#include <string.h>

#define NAMED 255

/* Bytes still to be written, or to be read. */
typedef struct {
    unsigned char *to;
    size_t left;
    int is_full;
} writer_t;

typedef struct {
    const unsigned char *from;
    size_t left;
    int is_broken;
} reader_t;

static void write_bytes(writer_t *writer, const void *bytes, size_t len)
{
    if (writer->is_full || len > writer->left) {
        writer->is_full = 1;
        return;
    }
    memcpy(writer->to, bytes, len);
    writer->to += len;
    writer->left -= len;
}

/* A column that is NULL where it must not be has no bytes. */
static void write_text(writer_t *writer, const char *text)
{
    if (text) {
        write_bytes(writer, text, strlen(text) + 1);
    }
    else {
        writer->is_full = 1;
    }
}

static void write_scope(writer_t *writer, const uk_catalogue_t *catalogue,
                        const char *name)
{
    int index = uk_catalogue_find(catalogue, name);
    unsigned char byte =
        index >= 0 && index < NAMED ? (unsigned char)index : NAMED;

    write_bytes(writer, &byte, 1);
    if (byte == NAMED) {
        write_text(writer, name);
    }
}

size_t uk_entry_pack(const uk_entry_t *entry, const uk_catalogue_t *catalogue,
                     unsigned char *bytes, size_t max)
{
    const uk_key_t *key = &entry->key;
    unsigned char has_checksum = entry->has_checksum != 0;
    writer_t writer = {bytes, max, 0};
    int i;

    write_bytes(&writer, &key->expires_at, sizeof(key->expires_at));
    write_bytes(&writer, &key->last_used_at, sizeof(key->last_used_at));
    write_bytes(&writer, &has_checksum, sizeof(has_checksum));
    write_text(&writer, key->id);
    write_text(&writer, key->prefix);
    write_text(&writer, key->team);
    write_text(&writer, key->name);
    for (i = 0; i < key->scopes->nelts; i++) {
        write_scope(&writer, catalogue,
                    APR_ARRAY_IDX(key->scopes, i, const char *));
    }
    return writer.is_full ? 0 : max - writer.left;
}

static void read_bytes(reader_t *reader, void *bytes, size_t len)
{
    if (reader->is_broken || len > reader->left) {
        reader->is_broken = 1;
        return;
    }
    memcpy(bytes, reader->from, len);
    reader->from += len;
    reader->left -= len;
}

static const char *read_text(reader_t *reader)
{
    const char *text = (const char *)reader->from;
    const char *end =
        reader->is_broken ? NULL : memchr(text, '\0', reader->left);

    if (!end) {
        reader->is_broken = 1;
        return NULL;
    }
    reader->left -= (size_t)(end + 1 - text);
    reader->from += end + 1 - text;
    return text;
}

/* One without an index, or with one that is no byte. */
static const char *read_name(reader_t *reader)
{
    const char *name = read_text(reader);

    if (!name || !uk_scope_name_is_valid(name)) {
        reader->is_broken = 1;
    }
    return name;
}

static void read_scope(reader_t *reader, const uk_catalogue_t *catalogue,
                       apr_array_header_t *names, uk_scopes_t *set)
{
    unsigned char byte = NAMED;
    const char *name;
    int index;

    read_bytes(reader, &byte, 1);
    if (byte == NAMED) {
        name = read_name(reader);
        index = reader->is_broken ? -1 : uk_catalogue_find(catalogue, name);
    }
    else if (byte < uk_catalogue_size(catalogue)) {
        name = uk_catalogue_get(catalogue, byte)->name;
        index = byte;
    }
    else {
        reader->is_broken = 1;
        return;
    }
    if (index >= 0) {
        uk_scopes_add(set, index);
    }
    APR_ARRAY_PUSH(names, const char *) = name;
}

static void read_scopes(apr_pool_t *pool, reader_t *reader,
                        const uk_catalogue_t *catalogue, uk_entry_t *entry)
{
    apr_array_header_t *names =
        apr_array_make(pool, (int)reader->left, sizeof(char *));

    while (!reader->is_broken && reader->left > 0) {
        read_scope(reader, catalogue, names, &entry->scopes);
    }
    entry->key.scopes = names;
}

int uk_entry_unpack(apr_pool_t *pool, const uk_catalogue_t *catalogue,
                    const unsigned char *bytes, size_t len, uk_entry_t *entry)
{
    reader_t reader = {bytes, len, 0};
    uk_key_t *key = &entry->key;
    unsigned char has_checksum = 0;

    memset(entry, 0, sizeof(*entry));
    read_bytes(&reader, &key->expires_at, sizeof(key->expires_at));
    read_bytes(&reader, &key->last_used_at, sizeof(key->last_used_at));
    read_bytes(&reader, &has_checksum, sizeof(has_checksum));
    entry->has_checksum = has_checksum;
    key->id = read_text(&reader);
    key->prefix = read_text(&reader);
    key->team = read_text(&reader);
    key->name = read_text(&reader);
    read_scopes(pool, &reader, catalogue, entry);
    return reader.is_broken || has_checksum > 1 ? -1 : 0;
}
