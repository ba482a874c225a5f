/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the name of a key, checked against a decoder of UTF-8 and a list of
 * white space of their own; and as the id of a key, of a team, and a hash.
 *
 * About: core/keyid.c core/team.c
 * Options: -max_len=300 */
#include <ctype.h>
#include <string.h>

#include "core/key_spec.h"
#include "core/keyid.h"
#include "core/secret.h"
#include "core/team.h"
#include "fuzz.h"

/* Take a code point. @return it; -1: this is not UTF-8 */
static long take_code_point(const unsigned char **at)
{
    static const long least[] = {0, 0x80, 0x800, 0x10000};
    int first = *(*at)++;
    int more = first < 0x80   ? 0
               : first < 0xc0 ? -1
               : first < 0xe0 ? 1
               : first < 0xf0 ? 2
               : first < 0xf8 ? 3
                              : -1;
    long c = more > 0 ? first & (0x3f >> more) : first;
    int i;

    for (i = 0; i < more; i++) {
        if ((**at & 0xc0) != 0x80) {
            return -1;
        }
        c = c << 6 | (*(*at)++ & 0x3f);
    }
    return more < 0 || c < least[more] || c > 0x10ffff
                   || (c >= 0xd800 && c <= 0xdfff)
               ? -1
               : c;
}

static int is_white(long c)
{
    static const long white[] = {0x20,   0x85,   0xa0,   0x1680, 0x2028, 0x2029,
                                 0x202f, 0x205f, 0x3000, 0x200b, 0xfeff};
    size_t i;

    for (i = 0; i < sizeof(white) / sizeof(white[0]); i++) {
        if (c == white[i]) {
            return 1;
        }
    }
    return (c >= 9 && c <= 13) || (c >= 0x2000 && c <= 0x200a);
}

typedef struct {
    int is_utf8, has_control;
    int count;               /* of code points */
    const char *first, *end; /* of what is not white space */
} judged_t;

static judged_t judge_name(const char *name)
{
    const unsigned char *at = (const unsigned char *)name;
    judged_t judged = {1, 0, 0, NULL, NULL};

    while (*at) {
        const char *start = (const char *)at;
        long c = take_code_point(&at);

        if (c < 0) {
            judged.is_utf8 = 0;
            return judged;
        }
        judged.has_control |= c < 0x20 || (c >= 0x7f && c <= 0x9f);
        judged.count++;
        if (!is_white(c)) {
            judged.first = judged.first ? judged.first : start;
            judged.end = (const char *)at;
        }
    }
    return judged;
}

static void try_name(const char *name)
{
    judged_t judged = judge_name(name);
    const char *trimmed = uk_key_name_trim(fuzz_pool(), name);
    size_t len = judged.first ? (size_t)(judged.end - judged.first) : 0;

    FUZZ_EXPECT(uk_key_name_is_valid(name)
                    == (judged.is_utf8 && !judged.has_control
                        && judged.count >= 1 && judged.count <= 255),
                "a name is judged otherwise");
    if (!judged.is_utf8) {
        FUZZ_EXPECT(trimmed == name, "what is not UTF-8 was trimmed");
        return;
    }
    FUZZ_EXPECT(strlen(trimmed) == len
                    && memcmp(trimmed, judged.first ? judged.first : "", len)
                           == 0,
                "a name is trimmed otherwise");
}

static int has_only(const char *text, const char *allowed)
{
    return text[strspn(text, allowed)] == '\0';
}

static void try_ids(const char *text)
{
    size_t len = strlen(text);

    FUZZ_EXPECT(
        uk_keyid_is_valid(text)
            == (len == 30 && strncmp(text, "key_", 4) == 0 && text[4] <= '7'
                && has_only(text + 4, "0123456789abcdefghjkmnpqrstvwxyz")),
        "the id of a key is judged otherwise");
    FUZZ_EXPECT(
        uk_team_id_is_valid(text)
            == (len >= 1 && len <= 63 && !strchr("_-", *text)
                && has_only(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")),
        "the id of a team is judged otherwise");
    FUZZ_EXPECT(uk_secret_is_hash(text)
                    == (len == 64 && has_only(text, "0123456789abcdef")),
                "a hash is judged otherwise");
    FUZZ_EXPECT(uk_role_parse(text) == UK_ROLE_NONE
                    || strcmp(uk_role_name(uk_role_parse(text)), text) == 0,
                "a role has another name");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = fuzz_string(data, size);

    try_name(text);
    try_ids(text);
    fuzz_clear();
    return 0;
}
