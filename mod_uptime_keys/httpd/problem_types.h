/* SPDX-License-Identifier: Apache-2.0 */
/* The types of problem that the module answers with, RFC 9457. */
#ifndef UK_HTTPD_PROBLEM_TYPES_H
#define UK_HTTPD_PROBLEM_TYPES_H

/* A problem's instance is this and a UUID. */
#define UK_INSTANCE_SCHEME "urn:uuid:"

/* Retry-After of a 503. */
#define UK_RETRY_AFTER_SECONDS "1"

/* In manage/assets/openapi.json each is a value of the schema Problem. */
typedef enum {
    UK_PROBLEM_BAD_REQUEST,
    UK_PROBLEM_VALIDATION,
    UK_PROBLEM_LIMIT,
    UK_PROBLEM_UNAUTHORIZED,
    UK_PROBLEM_FORBIDDEN,
    UK_PROBLEM_ADDRESS,
    UK_PROBLEM_NOT_FOUND,
    UK_PROBLEM_METHOD,
    UK_PROBLEM_TIMEOUT,
    UK_PROBLEM_CONFLICT,
    UK_PROBLEM_CHANGED,
    UK_PROBLEM_RATE,
    UK_PROBLEM_TOO_LARGE,
    UK_PROBLEM_MEDIA_TYPE,
    UK_PROBLEM_INTERNAL,
    UK_PROBLEM_UNAVAILABLE,
    UK_PROBLEMS /* their number */
} uk_problem_e;

typedef struct {
    int status;
    const char *name; /* follows UptimeKeysProblemBase in a problem's type */
    const char *title;
    const char *detail; /* used if there is no more specific one */
} uk_problem_type_t;

/** @return the row of a type, never NULL */
const uk_problem_type_t *uk_problem_type(uk_problem_e type);

#endif
