/* SPDX-License-Identifier: Apache-2.0 */
#include "roles.h"

#include "hooks.h"
#include "core/lease_state.h"
#include "world.h"

const scenario_t *scenario;
int poller_actor;
judged_t judged;

/* Requests. */

/* Whether a key may be found like this by a request that began after so many
 * changes were answered. */
static int may_be(const model_key_t *key, int answered, int is_good)
{
    int i;

    for (i = answered; i <= key->changes; i++) {
        if (key->is_good[i] == is_good) {
            return 1;
        }
    }
    return 0;
}

static void request_key(int number)
{
    model_key_t *key = &world.keys[number];
    int answered, is_cached;
    uk_verdict_e verdict;

    answered = key->answered;
    verdict = world_look_up(number, &is_cached);
    judged.late += answered > 0;
    judged.from_cache += is_cached;
    judged.from_database += !is_cached;
    if (verdict != UK_DATABASE_UNAVAILABLE
        && !may_be(key, answered, verdict == UK_ACCEPTED)) {
        explore_violation(verdict == UK_ACCEPTED
                              ? "accepted, and that it ended was answered"
                              : "refused, and that it is good was answered");
    }
}

static int is_answered(void *unused)
{
    (void)unused;
    return world.keys[0].answered > 0;
}

static void run_request(void *unused)
{
    (void)unused;
    explore_step("", "begins");
    request_key(0);
}

static void run_late(void *unused)
{
    explore_wait("waits for the answer", is_answered, unused);
    request_key(0);
}

static void run_twice(void *unused)
{
    run_request(unused);
    explore_free_all();
    run_late(unused);
}

/* Changes. */

static void answer(int key, int change)
{
    if (change > 0) {
        world.keys[key].answered = change;
    }
}

static void change(int key, uk_own_cache_t own)
{
    uk_database_t db = {.pool = NULL};
    int number = world_change(key, !scenario->is_good, 1);

    (void)!uk_revoke_everywhere(&db, &own, number > 0 ? UK_OK : UK_UNAVAILABLE);
    answer(key, number);
}

static void run_tool(void *unused)
{
    (void)unused;
    change(0, uk_own_cache_none);
}

static void run_other_key(void *unused)
{
    (void)unused;
    (void)world_change(1, 0, 1);
}

static void run_own(void *unused)
{
    (void)unused;
    change(0, world_own_cache());
}

static void run_sql(void *unused)
{
    int number = world_change(0, !scenario->is_good, 1);

    (void)unused;
    uk_clock_sleep_until(uk_clock_now() + UK_LEASE_MS);
    answer(0, number);
}

static void run_import(void *unused)
{
    uk_database_t db = {.pool = NULL};
    int number = world_change(0, 1, 0);

    (void)unused;
    uk_revoke_refusals(&db);
    answer(0, number);
}

/* Polling. */

static int may_look(void *process)
{
    return world.looked_at[*(int *)process] != world.clock + 1
           || (*(int *)process == 0 && world.is_stopping);
}

static int is_free(void *unused)
{
    (void)unused;
    return world.is_free;
}

static void run_poller(void *process)
{
    int number = *(int *)process;
    void *lease = world_lease(number);

    if (number > 0) {
        explore_wait("waits for the right to poll", is_free, NULL);
    }
    for (;;) {
        explore_wait("looks what is due", may_look, process);
        if (number == 0 && world.is_stopping) {
            world.is_free = 1;
            return;
        }
        explore_free_all();
        world.looked_at[number] = world.clock + 1;
        if (world_calls->is_due(lease,
                                (uk_clock_ms_t)(model_time_now() / 1000) + 1)) {
            world_calls->work(lease, NULL);
        }
    }
}

static void run_killer(void *unused)
{
    (void)unused;
    explore_step("", "kills the polling process");
    explore_kill(poller_actor);
    world.is_free = 1;
}

static void run_stopper(void *unused)
{
    (void)unused;
    explore_step("", "tells the polling process to end");
    world.is_stopping = 1;
}

static void run_ending(void *unused)
{
    explore_wait("has let go of the right to poll", is_free, unused);
    world_calls->end(world_lease(0), NULL);
}

/* Faults, and time. */

static void run_outage(void *unused)
{
    (void)unused;
    explore_step("", "the database goes");
    world.is_down = 1;
    explore_step("", "the database comes back");
    world.is_down = 0;
}

static void run_loss(void *unused)
{
    (void)unused;
    explore_step("", "the log loses its entries");
    world.log_from = world.counter;
}

void run_clock(void *unused)
{
    const int *tick;

    (void)unused;
    for (tick = scenario->ticks; *tick > 0; tick++) {
        explore_step("", "time passes");
        world.clock += (uk_clock_ms_t)*tick;
    }
}

const role_t roles[] = {
    [POLLER] = {"polling process", run_poller},
    [SUCCESSOR] = {"the next polling process", run_poller},
    [KILLER] = {"somebody", run_killer},
    [STOPPER] = {"httpd", run_stopper},
    [ENDING] = {"end of the first polling process", run_ending},
    [REQUEST] = {"request", run_request},
    [TWICE] = {"thread with two requests", run_twice},
    [LATE] = {"late request", run_late},
    [TOOL] = {"uptime-keys", run_tool},
    [OWN] = {"another child of the server", run_own},
    [SQL] = {"plain SQL", run_sql},
    [IMPORT] = {"uptime-keys key import", run_import},
    [OTHER_KEY] = {"somebody who ends another key", run_other_key},
    [OUTAGE] = {"database", run_outage},
    [LOSS] = {"database", run_loss},
};
