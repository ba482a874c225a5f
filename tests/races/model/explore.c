/* SPDX-License-Identifier: Apache-2.0 */
/* Takes steps in every order, depth first. */
#include "explore.h"

#include <stdio.h>

#include "actors.h"
#include "states.h"

#define DEPTH_MAX 4096

/* One step of the path that is being explored. */
typedef struct {
    size_t snapshot;    /* where it begins */
    uint64_t key;       /* of the state that the snapshot is of */
    int next;           /* the actor to try next */
    int taken;          /* the actor that was tried last */
    int last, switches; /* the actor that ran before, and how many are left */
    const char *where, *what; /* of the step that was taken */
    double paths;
} frame_t;

static frame_t frames[DEPTH_MAX];
static int depth;
static int is_dirty; /* memory is not that of the last frame */

void explore_reset(void)
{
    actors_reset();
    states_reset();
}

static uint64_t key_of_frame(const frame_t *frame)
{
    return states_key(frame->switches < 0
                          ? 0
                          : (uint64_t)frame->switches * EXPLORE_ACTORS_MAX
                                + (uint64_t)(frame->last + 1) + 1);
}

static void push(int last, int switches)
{
    frames[depth] = (frame_t){.last = last, .switches = switches};
    frames[depth].key = key_of_frame(&frames[depth]);
    frames[depth].snapshot = states_save();
    depth++;
}

static void pop(explore_result_t *result)
{
    frame_t *frame = &frames[--depth];

    if (frame->paths == 0) {
        frame->paths = 1;
    }
    states_cell(frame->key)->paths = frame->paths;
    states_drop(frame->snapshot);
    if (depth > 0) {
        frames[depth - 1].paths += frame->paths;
    }
    else {
        result->interleavings = frame->paths;
    }
}

/* @return -1: no other actor may run in this state */
static int next_actor(frame_t *frame)
{
    int i = frame->next;

    while (i < actor_count
           && !(actor_can_run(i)
                && (frame->switches != 0 || i == frame->last || frame->last < 0
                    || !actor_can_run(frame->last)))) {
        i++;
    }
    frame->next = i + 1;
    return i < actor_count ? i : -1;
}

static int switches_after(const frame_t *frame, int actor)
{
    return frame->switches > 0 && frame->last >= 0 && actor != frame->last
                   && actor_can_run(frame->last)
               ? frame->switches - 1
               : frame->switches;
}

/* Take one step, from the state of the last frame. */
static void take_step(explore_result_t *result, int actor,
                      const char *(*is_right)(void))
{
    frame_t *frame = &frames[depth - 1];
    int switches = switches_after(frame, actor);
    const state_cell_t *known;

    frame->taken = actor;
    frame->where = actors[actor].where;
    frame->what = actors[actor].what;
    actor_run_step(actor);
    result->steps++;
    actor_violation = actor_violation ? actor_violation : is_right();
    if (actor_violation) {
        return;
    }
    push(actor, switches);
    known = states_find(frames[depth - 1].key);
    if (known) {
        depth--;
        states_drop(frames[depth].snapshot);
        frame->paths += known->paths;
        is_dirty = 1;
        return;
    }
    result->states++;
    if (depth > result->depth) {
        result->depth = depth;
    }
}

/* The same numbers each time. */
static int next_random(uint64_t *seed, int count)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (int)((*seed >> 33) % (unsigned)count);
}

/* @return 0: nobody can run */
static int run_at_random(uint64_t *seed)
{
    int first = next_random(seed, actor_count), i;

    for (i = 0; i < actor_count; i++) {
        int actor = (first + i) % actor_count;

        if (actor_can_run(actor)) {
            actor_run_step(actor);
            return 1;
        }
    }
    return 0;
}

void explore_shake(int runs)
{
    size_t snapshot = states_save();
    uint64_t seed = 1;

    while (runs-- > 0) {
        while (run_at_random(&seed)) {
        }
        states_restore(snapshot);
    }
    states_drop(snapshot);
    actor_violation = NULL;
}

static void begin(int switches)
{
    states_forget();
    depth = 0;
    actor_violation = NULL;
    actor_objects_changed = is_dirty = 0;
    push(-1, switches);
    (void)!states_find(frames[0].key);
}

explore_result_t explore_all(int switches, unsigned long long states_max,
                             const char *(*is_right)(void))
{
    explore_result_t result = {.is_complete = 1};
    int actor;

    begin(switches);
    while (depth > 0 && !actor_violation && !result.is_void
           && result.is_complete) {
        if (is_dirty) {
            states_restore(frames[depth - 1].snapshot);
            is_dirty = 0;
        }
        actor = next_actor(&frames[depth - 1]);
        if (actor < 0) {
            pop(&result);
            is_dirty = 1;
        }
        else {
            take_step(&result, actor, is_right);
            result.is_complete =
                result.states < states_max && depth < DEPTH_MAX - 1;
            result.is_void = actor_objects_changed;
        }
    }
    result.violation = actor_violation;
    return result;
}

void explore_print_trace(void)
{
    int i, last = -1;

    for (i = 0; i < depth; i++) {
        const frame_t *frame = &frames[i];

        if (frame->taken != last) {
            printf("  %s\n", actors[frame->taken].name);
            last = frame->taken;
        }
        printf("    %s%s%s\n", frame->where, *frame->where ? ": " : "",
               frame->what);
    }
}
