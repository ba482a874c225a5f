/* SPDX-License-Identifier: Apache-2.0 */
/* The types of problem that the module answers with, RFC 9457. */
#include "httpd/problem_types.h"

#include <httpd.h>

/* clang-format off */
static const uk_problem_type_t problem_types[UK_PROBLEMS] = {
    [UK_PROBLEM_BAD_REQUEST] = {
        HTTP_BAD_REQUEST, "bad-request", "Bad Request",
        "The request cannot be understood."},
    [UK_PROBLEM_VALIDATION] = {
        HTTP_BAD_REQUEST, "validation-error", "Validation Error",
        "Some fields are not as they must be."},
    [UK_PROBLEM_LIMIT] = {
        HTTP_BAD_REQUEST, "limit-exceeded", "Limit Exceeded",
        "The team has as many keys as it may have; delete one first."},
    [UK_PROBLEM_UNAUTHORIZED] = {
        HTTP_UNAUTHORIZED, "unauthorized", "Unauthorized",
        "This needs a user or an API key."},
    [UK_PROBLEM_FORBIDDEN] = {
        HTTP_FORBIDDEN, "forbidden", "Forbidden",
        "The caller may not do this."},
    [UK_PROBLEM_ADDRESS] = {
        HTTP_FORBIDDEN, "address-not-allowed", "Address Not Allowed",
        "The API key may not be used from this address."},
    [UK_PROBLEM_NOT_FOUND] = {
        HTTP_NOT_FOUND, "not-found", "Not Found",
        "There is no such thing here."},
    [UK_PROBLEM_METHOD] = {
        HTTP_METHOD_NOT_ALLOWED, "method-not-allowed", "Method Not Allowed",
        "This resource does not have that method."},
    [UK_PROBLEM_TIMEOUT] = {
        HTTP_REQUEST_TIME_OUT, "request-timeout", "Request Timeout",
        "The request did not arrive in time."},
    [UK_PROBLEM_CONFLICT] = {
        HTTP_CONFLICT, "conflict", "Conflict",
        "The key that this form asks for was made before. Its text was shown "
        "then, and cannot be shown again."},
    /* RFC 9110 section 13.1.1. */
    [UK_PROBLEM_CHANGED] = {
        HTTP_PRECONDITION_FAILED, "conflict", "Conflict",
        "The key has changed since it was read."},
    /* RFC 6585 section 4. */
    [UK_PROBLEM_RATE] = {
        HTTP_TOO_MANY_REQUESTS, "rate-limited", "Too Many Requests",
        "There were too many requests. Try again later."},
    [UK_PROBLEM_TOO_LARGE] = {
        HTTP_REQUEST_ENTITY_TOO_LARGE, "payload-too-large",
        "Payload Too Large",
        "The body of the request is too large."},
    [UK_PROBLEM_MEDIA_TYPE] = {
        HTTP_UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type",
        "Unsupported Media Type",
        "The body must be application/json or what an HTML form sends, without "
        "a content coding."},
    [UK_PROBLEM_INTERNAL] = {
        HTTP_INTERNAL_SERVER_ERROR, "internal", "Internal Server Error",
        "Something is wrong here; the server's error log says what."},
    [UK_PROBLEM_UNAVAILABLE] = {
        HTTP_SERVICE_UNAVAILABLE, "unavailable", "Service Unavailable",
        "The database gives no answer. Try again soon."},
};
/* clang-format on */

const uk_problem_type_t *uk_problem_type(uk_problem_e type)
{
    return &problem_types[type];
}
