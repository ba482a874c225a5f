/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be asked of PostgreSQL's client library, past apr_dbd. */
#include "db/libpq.h"

#include <apr_dbd.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "db/driver.h"
#include "db/symbols.h"

/* PGRES_TUPLES_OK and PGRES_FATAL_ERROR of libpq-fe.h. */
#define TUPLES_OK 2
#define FATAL_ERROR 7

/* As libpq-fe.h has them. */
typedef struct {
    int (*socket)(const void *conn);
    int (*send_query)(void *conn, const char *sql);
    int (*is_busy)(void *conn);
    int (*consume_input)(void *conn);
    void *(*get_result)(void *conn);
    int (*result_status)(const void *result);
    void (*clear)(void *result);
} libpq_t;

/* @return 1 if apr_dbd's driver has loaded libpq, and all is there */
static int load_libpq(libpq_t *libpq)
{
    static const char *const names[] = {
        "PQsocket",    "PQsendQuery",    "PQisBusy", "PQconsumeInput",
        "PQgetResult", "PQresultStatus", "PQclear"};
    const size_t count = sizeof(names) / sizeof(names[0]);

    _Static_assert(sizeof(names) == sizeof(*libpq), "a name for each");
    return uk_symbols_find(names, count, libpq);
}

/* @return 1 if there is something to read, the connection has ended, or a
 * signal came; 0 when the time is up */
static int wait_for_input(int socket, uk_clock_ms_t start)
{
    struct pollfd ready = {.fd = socket, .events = POLLIN};
    uk_clock_ms_t passed = uk_clock_now() - start;
    int count = passed < UK_FIRST_ANSWER_MS
                    ? poll(&ready, 1, (int)(UK_FIRST_ANSWER_MS - passed))
                    : 0;

    return count > 0 || (count < 0 && errno == EINTR);
}

/* @return 1 if libpq can go on without waiting; 0 when the time is up */
static int wait_for_libpq(const libpq_t *libpq, void *conn, uk_clock_ms_t start)
{
    while (libpq->is_busy(conn)) {
        if (!wait_for_input(libpq->socket(conn), start)) {
            return 0;
        }
        if (!libpq->consume_input(conn)) {
            break; /* the connection has ended, which is an answer */
        }
    }
    return 1;
}

typedef enum {
    A_ROW,
    AN_ERROR,
    NOTHING
} answer_e;

static answer_e read_answer(const libpq_t *libpq, void *conn)
{
    uk_clock_ms_t start = uk_clock_now();
    answer_e answer = AN_ERROR;

    while (wait_for_libpq(libpq, conn, start)) {
        void *result = libpq->get_result(conn);

        if (!result) {
            return answer;
        }
        if (libpq->result_status(result) == TUPLES_OK) {
            answer = A_ROW;
        }
        libpq->clear(result);
    }
    return NOTHING;
}

/* Until libpq has read the end, it takes the connection for a good one that is
 * busy, and nothing would connect again. */
static void break_connection(const libpq_t *libpq, void *conn)
{
    shutdown(libpq->socket(conn), SHUT_RDWR);
    while (libpq->consume_input(conn)) {
        /* What had arrived before. */
    }
}

int uk_libpq_first_answer(uk_connection_t *connection)
{
    libpq_t libpq;
    void *conn;

    if (!connection->traits->is_libpq || !load_libpq(&libpq)) {
        return 0;
    }
    conn = apr_dbd_native_handle(connection->driver, connection->handle);
    if (!libpq.send_query(conn, "SELECT 1")) {
        return uk_connection_fail(connection, FATAL_ERROR);
    }
    switch (read_answer(&libpq, conn)) {
    case A_ROW:
        return 0;
    case AN_ERROR:
        return uk_connection_fail(connection, FATAL_ERROR);
    default:
        break_connection(&libpq, conn);
        connection->error = "no answer to a new connection in five seconds; a "
                            "pooler may have no session left for it";
        return -1;
    }
}
