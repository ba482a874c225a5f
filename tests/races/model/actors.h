/* SPDX-License-Identifier: Apache-2.0 */
/* The actors: functions with stacks of their own, of which one runs one step at a
 * time. For explore.c and states.c alone. */
#ifndef UK_MODEL_ACTORS_H
#define UK_MODEL_ACTORS_H

#include <setjmp.h>

#include "explore.h"

#define ACTOR_STACK_SIZE (64 * 1024)
#define ACTOR_ARENA_SIZE (16 * 1024)

typedef enum {
    ACTOR_NEW,
    ACTOR_WAITING,
    ACTOR_DYING, /* only its database goes on */
    ACTOR_DONE
} actor_status_e;

typedef struct {
    const char *name, *where, *what;
    void (*run)(void *baton);
    void *baton;
    int (*is_ready)(void *baton); /* NULL: it is */
    void *ready_baton;
    actor_status_e status;
    size_t allocated;
    char *low; /* of its live stack */
    jmp_buf place;
} actor_t;

extern actor_t actors[EXPLORE_ACTORS_MAX];
extern int actor_count;
extern char actor_stacks[EXPLORE_ACTORS_MAX][ACTOR_STACK_SIZE];
/* What explore_alloc() gives: an arena for each actor. */
extern char actor_arenas[EXPLORE_ACTORS_MAX][ACTOR_ARENA_SIZE];

/* What an actor said is wrong; NULL: nothing. */
extern const char *actor_violation;
/* 1: an object turned out to be shared. */
extern int actor_objects_changed;

/** Forget all actors, and what was allocated. */
void actors_reset(void);

/** @return 1 if an actor can take a step */
int actor_can_run(int number);

/** Run one step of an actor. */
void actor_run_step(int number);

#endif
