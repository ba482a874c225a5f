/* SPDX-License-Identifier: Apache-2.0 */
/* What a lease consists of: for lease.c, and for tests that set its state, because
 * where they run no child polls. */
#ifndef UK_HTTPD_LEASE_PRIVATE_H
#define UK_HTTPD_LEASE_PRIVATE_H

#include <unistd.h>

#include "core/lease_schedule.h"
#include "core/lease_state.h"
#include "core/uuid.h"
#include "httpd/lease.h"

/* In shared memory, beside those of all other leases and not beside the state,
 * which is large; initially all zeros. */
typedef struct {
    /* 1: a request asked for the lease since it was recorded that one did.
     * Requests only read it, but the first one of a second or so, which is why
     * it is no clock. */
    _Atomic int is_wanted;
    /* 0: it sleeps, and the server is not announced */
    _Atomic int is_awake;
    _Atomic pid_t poller; /* the child that polled last */
} uk_lease_shared_t;

struct uk_lease_t {
    server_rec *server;
    /* Shared by all children until a restart. */
    uk_lease_state_t *state;
    uk_lease_shared_t *shared;
    char id[UK_UUID_LEN + 1]; /* of this server, in uptime_servers */
    /* Of the child that polls. */
    uk_lease_schedule_t schedule;
    uk_lease_step_e step;   /* that is due, or under way */
    uk_clock_ms_t tried_at; /* when it last tried to announce the server */
    uk_clock_ms_t left_at;  /* when it first tried to withdraw that; 0 */
    int is_down; /* a poll or an announcement failed, which was logged */
    _Atomic int was_interrupted; /* since the last poll */
};

#endif
