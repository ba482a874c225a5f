/* SPDX-License-Identifier: Apache-2.0 */
/* What actors do: processes, requests, changes and faults. */
#ifndef UK_MODEL_ROLES_H
#define UK_MODEL_ROLES_H

typedef enum {
    NOBODY,
    POLLER,    /* the process that polls */
    SUCCESSOR, /* the next one, once that has been killed or has stopped */
    KILLER,    /* kills the first one at any moment */
    STOPPER,   /* asks the first one to end */
    ENDING,    /* the rest of the first one, after it has let go */
    REQUEST,   /* at any moment */
    TWICE,     /* a thread with a request at any moment, and a late one */
    LATE,      /* once the change was answered */
    TOOL,      /* the tool changes the key, and answers when it may */
    OWN,       /* a process of the server does */
    SQL,       /* somebody does by SQL, and relies on it after a lease */
    IMPORT,    /* the tool inserts the key's row */
    OTHER_KEY, /* another key ends */
    OUTAGE,    /* the database is away for a while */
    LOSS       /* the log loses what it has */
} role_e;

#define ROLES_MAX 6 /* in a scenario */
#define TICKS_MAX 8

/* How a scenario begins. */
typedef enum {
    CACHED, /* the lease holds, and the key was looked up */
    EMPTY,  /* the lease holds, and the key was not */
    ASLEEP, /* nobody has asked for the lease */
    UNUSED  /* the key was looked up, 9 seconds ago */
} start_e;

/* No request is late that begins while a change is made. */
typedef struct {
    const char *name;
    start_e start;
    int is_good; /* before the change, which makes it the opposite */
    role_e roles[ROLES_MAX];
    int ticks[TICKS_MAX]; /* milliseconds, one after the other */
} scenario_t;

typedef struct {
    const char *name;
    void (*run)(void *baton);
} role_t;

/* How many requests were judged, in all steps that were explored. */
typedef struct {
    unsigned long long from_cache, from_database, late;
} judged_t;

extern const role_t roles[];
extern const scenario_t *scenario; /* that is explored */
extern int poller_actor;           /* that KILLER kills */
extern judged_t judged;

/** What the clock does. */
void run_clock(void *unused);

#endif
