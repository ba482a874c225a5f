/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's COPY, by its client library and past apr_dbd. */
#include "db/copy.h"

#include <apr_dbd.h>
#include <apr_strings.h>

#include "db/driver.h"
#include "db/session.h"
#include "db/symbols.h"

/* PGRES_COMMAND_OK, PGRES_COPY_IN and PGRES_FATAL_ERROR of libpq-fe.h. */
#define COMMAND_OK 1
#define COPY_IN 4
#define FATAL_ERROR 7

/* Bytes that are sent at once. */
#define BUFFER_SIZE 65536

/* As libpq-fe.h has them. */
typedef struct {
    void *(*exec)(void *conn, const char *sql);
    int (*put_data)(void *conn, const char *data, int len);
    int (*put_end)(void *conn, const char *error);
    void *(*get_result)(void *conn);
    int (*result_status)(const void *result);
    void (*clear)(void *result);
} libpq_t;

struct uk_copy_t {
    uk_connection_t *connection;
    libpq_t libpq;
    void *conn;
    int columns;
    size_t used; /* of the buffer */
    char buffer[BUFFER_SIZE];
};

/* @return 1 if apr_dbd's driver has loaded libpq, and all is there */
static int load_copy(libpq_t *libpq)
{
    static const char *const names[] = {"PQexec",         "PQputCopyData",
                                        "PQputCopyEnd",   "PQgetResult",
                                        "PQresultStatus", "PQclear"};
    const size_t count = sizeof(names) / sizeof(names[0]);

    _Static_assert(sizeof(names) == sizeof(*libpq), "a name for each");
    return uk_symbols_find(names, count, libpq);
}

/* The schema of a session as it is, where a statement has "%" twice. */
static const char *plain_schema(apr_pool_t *pool, const uk_session_t *session)
{
    char *plain = apr_pstrdup(pool, session->schema), *to = plain;
    const char *from;

    for (from = plain; *from; from++) {
        *to++ = *from;
        from += from[0] == '%' && from[1] == '%';
    }
    *to = '\0';
    return plain;
}

/* Read the result of a command, of which there is one. @return 0, or -1 with
 * connection->error */
static int expect(uk_copy_t *copy, void *result, int status)
{
    int found = copy->libpq.result_status(result);

    copy->libpq.clear(result);
    return found == status ? 0
                           : uk_connection_fail(copy->connection, FATAL_ERROR);
}

/* @return NULL if this driver has no COPY */
static uk_copy_t *make_copy(uk_connection_t *connection, apr_pool_t *pool,
                            int count)
{
    uk_copy_t *copy;
    libpq_t libpq;

    if (!connection->traits->is_libpq || !load_copy(&libpq)) {
        return NULL;
    }
    copy = apr_palloc(pool, sizeof(*copy));
    copy->connection = connection;
    copy->libpq = libpq;
    copy->conn = apr_dbd_native_handle(connection->driver, connection->handle);
    copy->columns = count;
    copy->used = 0;
    return copy;
}

int uk_copy_begin(uk_connection_t *connection, apr_pool_t *pool,
                  const char *table, const char *columns, int count,
                  uk_copy_t **copy)
{
    const uk_session_t *session = uk_session_begin(connection);
    uk_copy_t *made = make_copy(connection, pool, count);
    const char *sql;

    *copy = NULL;
    if (!session) {
        return -1;
    }
    if (!made) {
        return 0;
    }
    sql = apr_pstrcat(pool, "COPY ", plain_schema(pool, session), table + 1,
                      " (", columns, ") FROM STDIN", NULL);
    if (expect(made, made->libpq.exec(made->conn, sql), COPY_IN)) {
        return -1;
    }
    *copy = made;
    return 0;
}

static int send_buffer(uk_copy_t *copy)
{
    int len = (int)copy->used;

    copy->used = 0;
    return copy->libpq.put_data(copy->conn, copy->buffer, len) == 1
               ? 0
               : uk_connection_fail(copy->connection, FATAL_ERROR);
}

static int put_byte(uk_copy_t *copy, char byte)
{
    copy->buffer[copy->used++] = byte;
    return copy->used == sizeof(copy->buffer) ? send_buffer(copy) : 0;
}

/* @return the letter after the backslash that stands for a byte; 0: it stands
 * for itself */
static char escape_of(char byte)
{
    switch (byte) {
    case '\\':
        return '\\';
    case '\t':
        return 't';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    default:
        return 0;
    }
}

static int put_value(uk_copy_t *copy, const char *value)
{
    int failed = 0;

    for (; *value && !failed; value++) {
        char letter = escape_of(*value);

        failed = letter ? put_byte(copy, '\\') || put_byte(copy, letter)
                        : put_byte(copy, *value);
    }
    return failed ? -1 : 0;
}

int uk_copy_row(uk_copy_t *copy, const char **values)
{
    int i;

    for (i = 0; i < copy->columns; i++) {
        int failed = values[i] ? put_value(copy, values[i])
                               : put_byte(copy, '\\') || put_byte(copy, 'N');

        if (failed || put_byte(copy, i + 1 < copy->columns ? '\t' : '\n')) {
            return -1;
        }
    }
    return 0;
}

int uk_copy_end(uk_copy_t *copy)
{
    const libpq_t *libpq = &copy->libpq;
    int failed = copy->connection->error || send_buffer(copy);
    void *result;

    libpq->put_end(copy->conn, failed ? "what was to follow is missing" : NULL);
    while ((result = libpq->get_result(copy->conn)) != NULL) {
        failed |= expect(copy, result, COMMAND_OK);
    }
    return failed ? -1 : 0;
}
