/* SPDX-License-Identifier: Apache-2.0 */
/* The types of problem that the module answers with, RFC 9457. */
#ifndef UK_HTTPD_PROBLEM_TYPES_H
#define UK_HTTPD_PROBLEM_TYPES_H

/* Before a UUID, as a problem's instance. */
#define UK_INSTANCE_SCHEME "urn:uuid:"

/* Of a 503: how soon it may be tried again. */
#define UK_RETRY_AFTER_SECONDS "1"

/* In openapi.json each is a value of the schema Problem. */
typedef enum {
    UK_PROBLEM_BAD_REQUEST,
    UK_PROBLEM_VALIDATION,
    UK_PROBLEM_LIMIT,
    UK_PROBLEM_UNAUTHORIZED,
    UK_PROBLEM_FORBIDDEN,
    UK_PROBLEM_NOT_FOUND,
    UK_PROBLEM_METHOD,
    UK_PROBLEM_CONFLICT,
    UK_PROBLEM_TOO_LARGE,
    UK_PROBLEM_MEDIA_TYPE,
    UK_PROBLEM_INTERNAL,
    UK_PROBLEM_UNAVAILABLE,
    UK_PROBLEMS /* their number */
} uk_problem_e;

typedef struct {
    int status;
    const char *name; /* behind UptimeKeysProblemBase */
    const char *title;
    const char *detail; /* if there is nothing more to say */
} uk_problem_type_t;

/** @return the row of a type, never NULL */
const uk_problem_type_t *uk_problem_type(uk_problem_e type);

#endif
