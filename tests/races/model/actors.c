/* SPDX-License-Identifier: Apache-2.0 */
#include "actors.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

/* Of a stack that is left behind, what may have been used is zeroed, so that
 * states do not differ by it. */
#define USED_MAX (12 * 1024)
/* The frame of explore_step() itself. */
#define FRAME_MAX 16
#define OBJECTS_MAX 64

/* Who accesses an object, as bits. */
typedef struct {
    const volatile void *address;
    unsigned readers, writers;
} object_t;

actor_t actors[EXPLORE_ACTORS_MAX];
int actor_count;
char actor_stacks[EXPLORE_ACTORS_MAX][ACTOR_STACK_SIZE]
    __attribute__((aligned(64)));
char actor_arenas[EXPLORE_ACTORS_MAX][ACTOR_ARENA_SIZE]
    __attribute__((aligned(64)));
const char *actor_violation;
int actor_objects_changed;

static object_t objects[OBJECTS_MAX];
static int object_count;
static int self = -1, is_preparing;
static char arena_outside[ACTOR_ARENA_SIZE] __attribute__((aligned(64)));
static size_t allocated_outside;
static jmp_buf explorer;
static ucontext_t outside;

void actors_reset(void)
{
    actor_count = 0;
    self = -1;
    actor_violation = NULL;
    memset(actors, 0, sizeof(actors));
    memset(actor_stacks, 0, sizeof(actor_stacks));
    memset(actor_arenas, 0, sizeof(actor_arenas));
    memset(arena_outside, 0, sizeof(arena_outside));
    allocated_outside = 0;
}

int explore_actor(const char *name, void (*run)(void *baton), void *baton)
{
    if (actor_count == EXPLORE_ACTORS_MAX) {
        abort();
    }
    actors[actor_count] = (actor_t){.name = name,
                                    .run = run,
                                    .baton = baton,
                                    .where = "",
                                    .what = "begins"};
    return actor_count++;
}

int explore_self(void)
{
    return self;
}

void explore_violation(const char *what)
{
    actor_violation = what;
}

void *explore_alloc(size_t size)
{
    size_t *used = self < 0 ? &allocated_outside : &actors[self].allocated;
    char *memory = (self < 0 ? arena_outside : actor_arenas[self]) + *used;

    *used += (size + 15) & ~(size_t)15;
    if (*used > ACTOR_ARENA_SIZE) {
        abort();
    }
    return memset(memory, 0, size);
}

void explore_free_all(void)
{
    actors[self].allocated = 0;
}

static void __attribute__((noinline)) leave(actor_t *actor)
{
    actor->low = (char *)__builtin_frame_address(0) - FRAME_MAX;
    if (_setjmp(actor->place) == 0) {
        _longjmp(explorer, 1);
    }
}

void explore_step(const char *where, const char *what)
{
    if (self >= 0 && !is_preparing) {
        actors[self].where = where;
        actors[self].what = what;
        leave(&actors[self]);
    }
}

void explore_forget_objects(void)
{
    object_count = 0;
}

static object_t *object_at(const volatile void *address)
{
    int i;

    for (i = 0; i < object_count; i++) {
        if (objects[i].address == address) {
            return &objects[i];
        }
    }
    if (object_count == OBJECTS_MAX) {
        abort();
    }
    objects[object_count] = (object_t){.address = address};
    return &objects[object_count++];
}

void explore_access(const volatile void *address, int is_write,
                    const char *where, const char *what)
{
    unsigned own = self < 0 ? 0 : 1U << self, others;
    object_t *object;

    if (self < 0 || is_preparing) {
        return;
    }
    object = object_at(address);
    others = (object->writers | (is_write ? object->readers : 0)) & ~own;
    if (!((is_write ? object->writers : object->readers) & own)) {
        *(is_write ? &object->writers : &object->readers) |= own;
        actor_objects_changed |= others != 0;
    }
    if (others) {
        explore_step(where, what);
    }
}

void explore_wait(const char *what, int (*is_ready)(void *baton), void *baton)
{
    if (self >= 0) {
        actors[self].is_ready = is_ready;
        actors[self].ready_baton = baton;
        explore_step("", what);
        actors[self].is_ready = NULL;
    }
}

void explore_kill(int number)
{
    actor_t *actor = &actors[number];

    if (actor->status != ACTOR_DONE) {
        actor->status =
            strcmp(actor->where, "database") == 0 ? ACTOR_DYING : ACTOR_DONE;
    }
}

static void run_actor(void)
{
    actors[self].run(actors[self].baton);
    actors[self].status = ACTOR_DONE;
    actors[self].low = actor_stacks[self] + ACTOR_STACK_SIZE;
    _longjmp(explorer, 1);
}

static void enter(actor_t *actor)
{
    static ucontext_t first;

    if (actor->status != ACTOR_NEW) {
        _longjmp(actor->place, 1);
    }
    actor->status = ACTOR_WAITING;
    getcontext(&first);
    first.uc_stack.ss_sp = actor_stacks[actor - actors];
    first.uc_stack.ss_size = ACTOR_STACK_SIZE;
    first.uc_link = NULL;
    makecontext(&first, run_actor, 0);
    swapcontext(&outside, &first);
}

static void __attribute__((noinline)) switch_to(int number)
{
    self = number;
    if (_setjmp(explorer) == 0) {
        enter(&actors[number]);
    }
    self = -1;
}

static void zero_what_was_used(int number)
{
    char *bottom = actor_stacks[number], *low = actors[number].low;

    if (low - bottom > USED_MAX) {
        bottom = low - USED_MAX;
    }
    memset(bottom, 0, (size_t)(low - bottom));
}

void actor_run_step(int number)
{
    actor_t *actor = &actors[number];
    actor_status_e before = actor->status;

    switch_to(number);
    if (before == ACTOR_DYING) {
        actor->status = ACTOR_DONE;
    }
    if (actor->status == ACTOR_DONE) {
        actor->low = actor_stacks[number] + ACTOR_STACK_SIZE;
        actor->allocated = 0;
        memset(&actor->place, 0, sizeof(actor->place));
    }
    zero_what_was_used(number);
}

int actor_can_run(int number)
{
    const actor_t *actor = &actors[number];

    return actor->status != ACTOR_DONE
           && (!actor->is_ready || actor->is_ready(actor->ready_baton));
}

void explore_run(int number)
{
    is_preparing = 1;
    actor_run_step(number);
    is_preparing = 0;
}
