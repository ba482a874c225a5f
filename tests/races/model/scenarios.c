/* SPDX-License-Identifier: Apache-2.0 */
/* The lease in every order of steps: what must hold of every request.
 *
 *     model [--states N] [NAME…]
 *
 * Prints what was explored. The exit status is 1 after a violation, which is
 * printed with the steps that lead to it, and 2 if no scenario has such a name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks.h"
#include "roles.h"
#include "world.h"

static const scenario_t scenarios[] = {
    {"the tool ends a key", CACHED, 1, {POLLER, TOOL, LATE}, {700, 700, 350}},
    {"a look-up is overtaken",
     EMPTY,
     1,
     {POLLER, REQUEST, TOOL, LATE},
     {700, 350}},
    {"a thread has the entry for itself",
     CACHED,
     1,
     {POLLER, TWICE, TOOL},
     {700, 700, 350}},
    {"a look-up is overtaken by the server itself",
     EMPTY,
     1,
     {POLLER, REQUEST, OWN, LATE},
     {350}},
    {"the server itself ends a key",
     CACHED,
     1,
     {POLLER, REQUEST, OWN, LATE},
     {700}},
    {"somebody ends a key by SQL",
     CACHED,
     1,
     {POLLER, REQUEST, SQL, LATE},
     {700, 350}},
    {"two keys end",
     CACHED,
     1,
     {POLLER, TOOL, OTHER_KEY, LATE},
     {700, 350, 350}},
    {"the log loses entries",
     CACHED,
     1,
     {POLLER, TOOL, LOSS, LATE},
     {700, 350, 350}},
    {"the lease wakes", ASLEEP, 1, {POLLER, REQUEST, TOOL, LATE}, {700}},
    {"the lease goes to sleep",
     UNUSED,
     1,
     {POLLER, REQUEST, TOOL, LATE},
     {700}},
    {"the lease goes to sleep, and wakes",
     UNUSED,
     1,
     {POLLER, REQUEST, TOOL, LATE},
     {700, 100}},
    {"the polling process is killed",
     CACHED,
     1,
     {POLLER, KILLER, SUCCESSOR, TOOL, LATE},
     {700, 350}},
    {"the polling process has ended",
     CACHED,
     1,
     {ENDING, SUCCESSOR, TOOL, LATE},
     {700, 350}},
    {"the polling process ends when it was long announced",
     CACHED,
     1,
     {POLLER, STOPPER, ENDING, SUCCESSOR},
     {21000, 700}},
    {"the database is away for a while",
     CACHED,
     1,
     {POLLER, OUTAGE, TOOL, LATE},
     {700, 700, 350}},
    {"the machine is suspended", CACHED, 1, {POLLER, TOOL, LATE}, {700, 70000}},
    {"the tool enables a key",
     EMPTY,
     0,
     {POLLER, REQUEST, TOOL, LATE},
     {120, 930}},
    {"the server itself enables a key",
     EMPTY,
     0,
     {POLLER, REQUEST, OWN, LATE},
     {50, 70, 100}},
    {"the tool imports a key",
     EMPTY,
     0,
     {POLLER, REQUEST, IMPORT, LATE},
     {50, 70, 90}},
};

#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

/* Before what is explored: a poll, and a request that fills the cache. */
static void look_once(int process)
{
    if (world_calls->is_due(world_lease(process),
                            (uk_clock_ms_t)(model_time_now() / 1000) + 1)) {
        world_calls->work(world_lease(process), NULL);
    }
    world.looked_at[process] = world.clock + 1;
}

static void run_start(void *process)
{
    int is_cached;

    if (scenario->start == ASLEEP) {
        return;
    }
    (void)world_look_up(0, &is_cached);
    look_once(*(int *)process);
    if (scenario->start != EMPTY) {
        (void)world_look_up(0, &is_cached);
    }
    if (scenario->start == UNUSED) {
        world.clock = 1100;
        look_once(*(int *)process);
        world.clock = 9000;
        look_once(*(int *)process);
    }
}

static void set_up(void)
{
    static int processes[] = {0, 1};
    int i, actor;

    world_reset();
    world.ends_disabled = !scenario->is_good;
    world.keys[0].is_good[0] = scenario->is_good;
    actor = explore_actor("start", run_start, &processes[0]);
    world.pids[actor] = 1;
    explore_run(actor);
    explore_actor("clock", run_clock, NULL);
    world.is_free = scenario->roles[0] != POLLER;
    for (i = 0; i < ROLES_MAX && scenario->roles[i] != NOBODY; i++) {
        role_e role = scenario->roles[i];

        actor = explore_actor(roles[role].name, roles[role].run,
                              &processes[role == SUCCESSOR]);
        world.pids[actor] = role == SUCCESSOR ? 2 : 1;
        if (role == POLLER) {
            poller_actor = actor;
        }
    }
}

static explore_result_t explore(int switches, unsigned long long states_max)
{
    explore_result_t result;

    do {
        judged = (judged_t){0};
        set_up();
        result = explore_all(switches, states_max, world_is_right);
    } while (result.is_void && !result.violation);
    return result;
}

/* As few switches between actors as possible. */
static void print_violation(unsigned long long states_max)
{
    explore_result_t result;
    int switches = 0;

    do {
        result = explore(switches++, states_max);
    } while (!result.violation && result.is_complete && switches < 20);
    printf("VIOLATION: %s: %s\n", scenario->name,
           result.violation ? result.violation : "(no short trace)");
    explore_print_trace();
}

static int has_late_request(void)
{
    int i = 0;

    while (i < ROLES_MAX && scenario->roles[i] != LATE
           && scenario->roles[i] != TWICE) {
        i++;
    }
    return i < ROLES_MAX;
}

/* @return 0 if nothing is wrong */
static int explore_scenario(unsigned long long states_max)
{
    explore_result_t result;

    explore_forget_objects();
    set_up();
    explore_shake(1000);
    result = explore(-1, states_max);
    if (result.violation) {
        print_violation(states_max);
        return 1;
    }
    printf("| %s | %llu | %llu | %.1e | %d | %llu | %llu | %llu |%s\n",
           scenario->name, result.states, result.steps, result.interleavings,
           result.depth, judged.from_cache, judged.from_database, judged.late,
           result.is_complete ? "" : " NOT COMPLETE");
    (void)fflush(stdout);
    return !result.is_complete || (judged.late == 0 && has_late_request());
}

static int is_wanted(const char *name, int argc, char **argv)
{
    int i;

    for (i = 0; i < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return 1;
        }
    }
    return argc == 0;
}

static int print_names(void)
{
    size_t i;

    (void)fputs("model: no scenario has such a name; there are:\n", stderr);
    for (i = 0; i < SCENARIOS; i++) {
        (void)fprintf(stderr, "    %s\n", scenarios[i].name);
    }
    return 2;
}

int main(int argc, char **argv)
{
    unsigned long long states_max = 100000000;
    int failed = 0, tried = 0;
    size_t i;

    if (argc > 2 && strcmp(argv[1], "--states") == 0) {
        states_max = strtoull(argv[2], NULL, 10);
        argv += 2;
        argc -= 2;
    }
    puts("| scenario | states | steps | orders | longest | answers from the "
         "cache | from the database | late ones |\n"
         "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (i = 0; i < SCENARIOS && !failed; i++) {
        scenario = &scenarios[i];
        if (is_wanted(scenario->name, argc - 1, argv + 1)) {
            failed = explore_scenario(states_max);
            tried++;
        }
    }
    return failed || tried >= argc - 1 ? failed : print_names();
}
