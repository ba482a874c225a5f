/* SPDX-License-Identifier: Apache-2.0 */
/* The outcome of authentication or authorization by a key. */
#ifndef UK_CORE_VERDICT_H
#define UK_CORE_VERDICT_H

/* httpd/problem.c has a row for each refusal. */
typedef enum {
    UK_ACCEPTED,
    UK_NO_KEY,               /* no credential was presented */
    UK_TWO_CREDENTIALS,      /* more than one credential was presented */
    UK_MALFORMED,            /* not in the form of a key */
    UK_BAD_CHECKSUM,         /* the form of a key, with a wrong checksum */
    UK_UNKNOWN,              /* never created; or it or its team was deleted */
    UK_EXPIRED,              /* its expiry has passed */
    UK_DISABLED,             /* by hand, or because it leaked */
    UK_ROTATED,              /* the previous secret, which has ended */
    UK_DATABASE_UNAVAILABLE, /* the key could not be looked up */
    UK_ADDRESS_NOT_ALLOWED, /* a valid key, from elsewhere than it may be used */
    UK_RATE_LIMITED,        /* a valid key that has made too many requests */
    /* A valid key that authorization refused. If several of these apply, the
     * first one in this list is reported: see httpd/denials.c. */
    UK_SCOPE_MISSING,
    UK_OTHER_TEAM,
    UK_DENIED,  /* by a negated Require line, or that of another module */
    UK_VERDICTS /* their number */
} uk_verdict_e;

#endif
