/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a few actors, which are functions with a stack each, in every order of
 * their steps.
 *
 * One step of one actor runs at a time. After each, all that an actor can see (its
 * live stack, its memory, the shared regions) is hashed: what was seen before is
 * not run again. To go back, the same memory is written again. So any C code can
 * be explored, as long as it keeps its state there.
 *
 * An access to an object begins a step only if another actor writes the object,
 * or, for one that writes, reads it: else the access has the same effect before
 * and after whatever others do. Which objects these are is found out by running;
 * when another one turns up, everything is explored again. */
#ifndef UK_MODEL_EXPLORE_H
#define UK_MODEL_EXPLORE_H

#include <stddef.h>

#define EXPLORE_ACTORS_MAX 8

typedef struct {
    unsigned long long states;
    unsigned long long steps;
    double interleavings;  /* the number of orders of steps, not reduced */
    int depth;             /* steps of the longest one */
    int is_complete;       /* 0: the limit of states was reached */
    int is_void;           /* 1: an object turned out to be shared, run again */
    const char *violation; /* NULL: none */
} explore_result_t;

/** Forget all actors and regions, but not which objects are shared. */
void explore_reset(void);

/** Forget those, too. */
void explore_forget_objects(void);

/** Add memory that actors change. It must stay where it is. */
void explore_region(void *start, size_t size);

/** Add an actor. @return its number */
int explore_actor(const char *name, void (*run)(void *baton), void *baton);

/** Run one actor to its end before any other; to prepare what is explored. */
void explore_run(int number);

/** Find out, by orders at random, what more than one actor accesses. */
void explore_shake(int runs);

/**
 * Run all actors in every order.
 *
 * @param switches how often at most an actor is left that could go on; -1: as
 *                 often as possible
 * @param is_right is asked after each step; it returns what is wrong, or NULL
 */
explore_result_t explore_all(int switches, unsigned long long states_max,
                             const char *(*is_right)(void));

/** Print the steps that led to the violation. */
void explore_print_trace(void);

/* What actors call. */

/** Let others run. Whatever is shared is read or written after this. Outside of
 *  an actor it does nothing. */
void explore_step(const char *where, const char *what);

/** The running actor is about to access an object: let others run, if one of them
 *  accesses it, too, and one of the two writes. */
void explore_access(const volatile void *address, int is_write,
                    const char *where, const char *what);

/** Wait until a function of shared memory returns 1. */
void explore_wait(const char *what, int (*is_ready)(void *baton), void *baton);

/** Say what is wrong, and end the exploration. */
void explore_violation(const char *what);

/** @return the number of the running actor; -1: none */
int explore_self(void);

/** End an actor as if its process were killed: where it waits for a database,
 *  that may still do what it was told. */
void explore_kill(int number);

/** @return zeroed memory of the running actor; outside of one, of the model */
void *explore_alloc(size_t size);

/** Forget what the running actor has allocated. */
void explore_free_all(void);

#endif
