/* SPDX-License-Identifier: Apache-2.0 */
/* Files that the tool reads: lines in bounded memory, and keys in any text. */
#include "unit.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>

#include "cli/input.h"
#include "cli/line_reader.h"
#include "core/token.h"

static apr_file_t *file;

static void open_file(void)
{
    ck_assert_int_eq(
        apr_file_open(&file, unit_file("input"),
                      APR_FOPEN_CREATE | APR_FOPEN_READ | APR_FOPEN_WRITE,
                      APR_FPROT_OS_DEFAULT, unit_pool),
        APR_SUCCESS);
}

static void set_content(const char *content, apr_size_t len)
{
    apr_off_t start = 0;

    apr_file_trunc(file, 0);
    ck_assert_int_eq(apr_file_write_full(file, content, len, NULL),
                     APR_SUCCESS);
    apr_file_seek(file, APR_SET, &start);
}

/* --- Lines ---------------------------------------------------------------- */

/* What follows from the text alone: the line at start, and where the next one
 * is. */
static void check_line(const char *text, size_t len, size_t *start,
                       apr_size_t max, const cli_line_t *line)
{
    const char *newline = memchr(text + *start, '\n', len - *start);
    size_t end = newline ? (size_t)(newline - text) : len;

    if (end - *start > max) {
        ck_assert_ptr_null(line->text);
    }
    else {
        ck_assert_ptr_nonnull(line->text);
        ck_assert_uint_eq(line->len, end - *start);
        ck_assert(memcmp(line->text, text + *start, line->len) == 0);
    }
    *start = end + (newline != NULL);
}

static void check_lines(const char *text, size_t len, apr_size_t max)
{
    cli_line_reader_t *reader = cli_line_reader_create(unit_pool, file, max);
    cli_line_t line;
    size_t start = 0;
    int number = 0;

    while (start < len) {
        ck_assert_int_eq(cli_line_reader_next(reader, &line), APR_SUCCESS);
        ck_assert_int_eq(line.number, ++number);
        check_line(text, len, &start, max, &line);
        ck_assert_int_eq(cli_line_reader_position(reader), (apr_off_t)start);
    }
    ck_assert_int_eq(cli_line_reader_next(reader, &line), APR_EOF);
    ck_assert_int_eq(cli_line_reader_next(reader, &line), APR_EOF);
}

#define LEN_MAX 7

/* The buffer has four lines of the longest, so these are longer than it, too. */
START_TEST(every_short_text_in_lines)
{
    static const char letters[] = {'a', '\n', '\0'};
    char text[LEN_MAX + 1];
    int len, i, number, all = 1;

    open_file();
    for (len = 0; len <= LEN_MAX; len++, all *= 3) {
        for (number = 0; number < all; number++) {
            int rest = number;

            for (i = 0; i < len; i++, rest /= 3) {
                text[i] = letters[rest % 3];
            }
            set_content(text, (apr_size_t)len);
            check_lines(text, (size_t)len, (apr_size_t)_i);
        }
    }
}
END_TEST

/* Of each pair of lengths, around the longest line and the whole buffer. */
START_TEST(long_lines)
{
    enum {
        MOST = 24
    };
    const char *a = unit_repeat("a", MOST);
    int first, second;

    open_file();
    for (first = 0; first <= MOST; first++) {
        for (second = 0; second <= MOST; second++) {
            const char *text =
                apr_psprintf(unit_pool, "%.*s\n%.*s\nb", first, a, second, a);

            set_content(text, strlen(text));
            check_lines(text, strlen(text), 5);
        }
    }
}
END_TEST

START_TEST(error_of_the_file_is_returned)
{
    cli_line_reader_t *reader;
    cli_line_t line;
    apr_status_t rv;

    ck_assert_int_eq(apr_file_open(&file, "/", APR_FOPEN_READ,
                                   APR_FPROT_OS_DEFAULT, unit_pool),
                     APR_SUCCESS);
    reader = cli_line_reader_create(unit_pool, file, 5);
    rv = cli_line_reader_next(reader, &line);
    ck_assert(rv != APR_SUCCESS && rv != APR_EOF);
}
END_TEST

/* --- Keys ----------------------------------------------------------------- */

typedef struct {
    int good, bad;
    char last[UK_TOKEN_LEN + 1];
} found_t;

static void count_token(void *baton, const char *token, int has_checksum)
{
    found_t *found = baton;

    found->good += has_checksum;
    found->bad += !has_checksum;
    memcpy(found->last, token, UK_TOKEN_LEN);
}

static found_t find_tokens(const char *content, apr_size_t len)
{
    found_t found = {0};

    set_content(content, len);
    ck_assert_int_eq(
        cli_input_find_tokens(unit_pool, file, count_token, &found), APR_EOF);
    return found;
}

static char token[UK_TOKEN_LEN + 1];

static void make_token(void)
{
    open_file();
    uk_token_make(token);
}

#define CHUNK (64 * 1024)

/* A key at each place around the end of what is read at once. */
START_TEST(key_is_found_once_at_every_place)
{
    char *content = apr_palloc(unit_pool, 2 * CHUNK);
    int offset;

    for (offset = CHUNK - UK_TOKEN_LEN - 2; offset <= CHUNK + 2; offset++) {
        found_t found;

        memset(content, 'x', 2 * CHUNK);
        memcpy(content + offset, token, UK_TOKEN_LEN);
        found = find_tokens(content, 2 * CHUNK);
        ck_assert_int_eq(found.good, 1);
        ck_assert_int_eq(found.bad, 0);
        ck_assert_str_eq(found.last, token);
    }
}
END_TEST

/* NULs anywhere, as in UTF-16 of either order, or many of them. */
START_TEST(nuls_count_as_nothing)
{
    char *content = apr_pcalloc(unit_pool, 3 * CHUNK);
    int i, at = CHUNK - 40 + _i % 2;

    for (i = 0; i < UK_TOKEN_LEN; i++) {
        content[at + i * (_i + 1)] = token[i];
    }
    ck_assert_int_eq(find_tokens(content, 3 * CHUNK).good, 1);
    for (i = 0; i < 3 * CHUNK; i++) {
        content[i] = content[i] ? content[i] : ' ';
    }
    ck_assert_int_eq(find_tokens(content, 3 * CHUNK).good, _i == 0);
}
END_TEST

/* What surrounds a key: @ stands for it, and - for all but its last digit. */
static const struct {
    const char *pattern;
    int good;
} texts[] = {
    {"@", 1},        {"", 0},      {"@@", 2},  {"@ @\n@", 3},
    {"k=@;", 1},     {"\"@\"", 1}, {"-", 0},   {"- @", 1},
    {"-@", 1},       {"@f", 1},    {"X@", 1},  {"uuptime_uptime_@", 1},
    {"Uptime_@", 1}, {"--", 0},    {"@-@", 2},
};

static const char *written(const char *pattern)
{
    const char *text = "";

    for (; *pattern; pattern++) {
        text = *pattern == '@' ? apr_pstrcat(unit_pool, text, token, NULL)
               : *pattern == '-'
                   ? apr_psprintf(unit_pool, "%s%.*s", text, UK_TOKEN_LEN - 1,
                                  token)
                   : apr_psprintf(unit_pool, "%s%c", text, *pattern);
    }
    return text;
}

START_TEST(key_is_found_in_any_text)
{
    const char *text = written(texts[_i].pattern);
    found_t found = find_tokens(text, strlen(text));

    ck_assert_int_eq(found.good, texts[_i].good);
    ck_assert_int_eq(found.bad, 0);
}
END_TEST

START_TEST(wrong_checksum_is_told)
{
    found_t found;

    token[UK_TOKEN_LEN - 1] = token[UK_TOKEN_LEN - 1] == '0' ? '1' : '0';
    found = find_tokens(token, UK_TOKEN_LEN);
    ck_assert_int_eq(found.good, 0);
    ck_assert_int_eq(found.bad, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input");
    TCase *lines = unit_case(suite, "lines");
    TCase *keys = unit_case(suite, "keys");

    tcase_add_loop_test(lines, every_short_text_in_lines, 1, 3);
    tcase_add_test(lines, long_lines);
    tcase_add_test(lines, error_of_the_file_is_returned);
    tcase_add_checked_fixture(keys, make_token, NULL);
    tcase_add_test(keys, key_is_found_once_at_every_place);
    tcase_add_loop_test(keys, nuls_count_as_nothing, 0, 4);
    tcase_add_loop_test(keys, key_is_found_in_any_text, 0, UNIT_COUNT(texts));
    tcase_add_test(keys, wrong_checksum_is_told);
    return unit_run(suite);
}
