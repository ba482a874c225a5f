/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that were refused a moment ago, in memory that processes share: one
 * that keeps coming is looked up nine times a second, however often it comes.
 *
 * A table of fixed size, apart from accepted keys, so that nobody evicts those
 * with junk. A digest of the secret names its set of slots. A slot whose refusal
 * has not ended is left alone, so junk does not evict a secret that keeps coming,
 * either; that one finds a free slot much sooner than junk does.
 *
 * There is no lock: a slot ends with a checksum of the rest, so one that is half
 * written, also by a process that was killed, says nothing.
 *
 * A refusal ends UK_REFUSAL_LIFETIME_MS after its look-up began. Whoever makes a
 * refused secret good and has no other way to void it must wait for that long:
 * see mod_uptime_keys/docs/CACHE.md. */
#ifndef UK_CORE_REFUSALS_H
#define UK_CORE_REFUSALS_H

#include <stdatomic.h>

#include "core/clock.h"
#include "core/keyid.h"
#include "core/secret.h"
#include "core/verdict.h"

#define UK_REFUSAL_SETS 256
#define UK_REFUSAL_WAYS 4 /* slots of a set */

/* Between two look-ups of a secret. */
#define UK_REFUSAL_LOOK_UP_MS 110
/* The rest of it is for the next look-up, during which others are refused. Less
 * than the lease, for which whoever enables a key waits; and whoever imports one
 * waits for this. */
#define UK_REFUSAL_LIFETIME_MS 200
/* Added by those who wait, as clocks may run at different speeds. */
#define UK_REFUSAL_MARGIN_MS 10

/* A refused secret. There are no gaps in it. */
typedef struct {
    unsigned char digest[UK_DIGEST_LEN];
    uk_clock_ms_t looked_up_at; /* when the look-up began */
    apr_uint64_t round;         /* of the lease, from before the look-up */
    apr_uint16_t group;         /* of the lease, to which the secret belongs */
    unsigned char verdict;      /* uk_verdict_e */
    unsigned char rules;        /* what else the verdict depends on */
    char id[UK_KEYID_LEN + 6];  /* of the key; "" if there is none */
} uk_refusal_t;

#define UK_REFUSAL_WORDS (sizeof(uk_refusal_t) / sizeof(apr_uint64_t))

typedef struct {
    _Atomic apr_uint64_t words[UK_REFUSAL_WORDS]; /* a uk_refusal_t */
    _Atomic apr_uint64_t checksum;                /* of the words */
    _Atomic uk_clock_ms_t next; /* when to look the secret up once more */
} uk_refusal_slot_t;

/* In shared memory that is all zeros when it is made. */
typedef struct {
    uk_refusal_slot_t slots[UK_REFUSAL_SETS][UK_REFUSAL_WAYS];
} uk_refusals_t;

/**
 * Look for the refusal of a secret.
 *
 * @param refusal has the digest and the rules; receives the rest if this returns
 *                1. The caller must see whether it is void
 * @param now     uk_clock_now()
 * @return 1: the secret was refused; 0: look it up, and store what it is refused
 *         for. While one caller does, this returns 1 to all others
 */
int uk_refusals_find(uk_refusals_t *refusals, uk_refusal_t *refusal,
                     uk_clock_ms_t now) __attribute__((warn_unused_result));

/** Store a refusal, unless all slots of its set have others that have not ended
 *  when its look-up begins. */
void uk_refusals_store(uk_refusals_t *refusals, const uk_refusal_t *refusal);

/** Remove the refusal of a secret, which is accepted now. */
void uk_refusals_remove(uk_refusals_t *refusals,
                        const unsigned char digest[UK_DIGEST_LEN]);

#endif
