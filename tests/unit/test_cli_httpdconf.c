/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of httpd's configuration: every directive in every way to write it,
 * after anything else, with its line. */
#include "unit.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/httpdconf.h"

static const struct {
    const char *name;
    size_t setting;
} directives[] = {
    {"DBDriver", offsetof(cli_httpdconf_t, driver)},
    {"DBDParams", offsetof(cli_httpdconf_t, params)},
    {"DBDInitSQL", offsetof(cli_httpdconf_t, init_sql)},
    {"DBDMin", offsetof(cli_httpdconf_t, dbd_min)},
    {"DBDKeep", offsetof(cli_httpdconf_t, dbd_keep)},
    {"DBDMax", offsetof(cli_httpdconf_t, dbd_max)},
    {"DBDPersist", offsetof(cli_httpdconf_t, dbd_persist)},
    {"ThreadsPerChild", offsetof(cli_httpdconf_t, threads)},
    {"UptimeKeysMaxPerTeam", offsetof(cli_httpdconf_t, max_per_team)},
    {"UptimeKeysAllowStandby", offsetof(cli_httpdconf_t, allow_standby)},
    {"UptimeKeysMaxLifetime", offsetof(cli_httpdconf_t, max_lifetime)},
    {"UptimeKeysDefaultLifetime", offsetof(cli_httpdconf_t, default_lifetime)},
    {"UptimeKeysRotateOverlap", offsetof(cli_httpdconf_t, rotate_overlap)},
    {"UptimeKeysRequireChecksum", offsetof(cli_httpdconf_t, require_checksum)},
};

/* A value, and what stands before, in between and after. */
static const char *const styles[][3] = {
    {"", " ", ""},         {"  \t", "\t \t", " \t "},
    {"", " \"", "\""},     {"", " '", "'"},
    {"", " \\\n ", ""},    {"", " \\\r\n", " \r"},
    {"\\\n", " ", "\\\n"}, {" \\\n\\\n", " \"", "\" \\\n"},
};

/* What may stand before it, and its lines. */
static const struct {
    const char *text;
    int lines;
} before[] = {
    {"", 0},
    {"\n", 1},
    {"\r\n \t\n", 2},
    {"# DBDriver no\n", 1},
    {"# continued \\\nDBDriver no\n", 2},
    {"Listen 80\nDBDParamsX 1 2 3 4\n", 2},
    {"<VirtualHost *:80>\n</VirtualHost>\n", 2},
    {"Define A b\nInclude x.conf\n<IfModule x>\n", 3},
    {"X \\\n\\\n\\\ny\n", 4},
    {"\"a word\" b\n", 1},
};

static uk_catalogue_t *catalogue;
static cli_httpdconf_t conf;

static const char *write_conf(const char *text)
{
    const char *name = unit_file("httpd.conf");
    apr_file_t *file;

    ck_assert_int_eq(apr_file_open(&file, name,
                                   APR_FOPEN_CREATE | APR_FOPEN_WRITE,
                                   APR_FPROT_OS_DEFAULT, unit_pool),
                     APR_SUCCESS);
    apr_file_write_full(file, text, strlen(text), NULL);
    apr_file_close(file);
    return name;
}

/* @return NULL; or the error, without the name of the file */
static const char *read_conf(const char *text)
{
    const char *name = write_conf(text), *error;

    catalogue = uk_catalogue_create(unit_pool);
    error = cli_httpdconf_read(unit_pool, name, catalogue, &conf);
    apr_file_remove(name, unit_pool);
    if (error) {
        ck_assert(strncmp(error, name, strlen(name)) == 0);
        error += strlen(name);
    }
    return error;
}

static const cli_setting_t *setting_of(int directive)
{
    return (const cli_setting_t *)((const char *)&conf
                                   + directives[directive].setting);
}

static void check_setting(int directive, const char *value, int line)
{
    const cli_setting_t *setting = setting_of(directive);

    ck_assert_ptr_nonnull(setting->value);
    ck_assert_str_eq(setting->value, value);
    ck_assert_int_eq(setting->line, line);
    ck_assert_int_eq(setting->other_line, 0);
}

/* Nothing else was set. */
static void check_rest(int directive)
{
    int i;

    for (i = 0; i < UNIT_COUNT(directives); i++) {
        ck_assert(i == directive || !setting_of(i)->value);
    }
}

static const char *in_style(int style, const char *name, const char *value)
{
    return apr_pstrcat(unit_pool, styles[style][0], name, styles[style][1],
                       value, styles[style][2], "\n", NULL);
}

START_TEST(every_way_to_write_it)
{
    int style, i;

    for (style = 0; style < UNIT_COUNT(styles); style++) {
        for (i = 0; i < UNIT_COUNT(before); i++) {
            const char *text =
                apr_pstrcat(unit_pool, before[i].text,
                            in_style(style, directives[_i].name, "Value=1"),
                            before[i].text, NULL);

            ck_assert_msg(read_conf(text) == NULL, "%s", text);
            check_setting(_i, "Value=1", before[i].lines + 1);
            check_rest(_i);
        }
    }
}
END_TEST

START_TEST(letter_case_does_not_count)
{
    char *name = apr_pstrdup(unit_pool, directives[_i].name), *c;

    for (c = name; *c; c++) {
        *c = (char)(*c ^ 0x20);
    }
    ck_assert_ptr_null(read_conf(apr_pstrcat(unit_pool, name, " x", NULL)));
    check_setting(_i, "x", 1);
}
END_TEST

/* All of them in one file, in each rotation of their order. */
START_TEST(nothing_is_lost)
{
    const char *text = "";
    int count = UNIT_COUNT(directives), i;

    for (i = 0; i < count; i++) {
        int directive = (i + _i) % count;

        text = apr_pstrcat(unit_pool, text, before[i % 8].text,
                           directives[directive].name, " v",
                           apr_itoa(unit_pool, directive), "\n", NULL);
    }
    ck_assert_ptr_null(read_conf(text));
    for (i = 0; i < count; i++) {
        const cli_setting_t *setting = setting_of(i);

        ck_assert_str_eq(setting->value, apr_psprintf(unit_pool, "v%d", i));
        ck_assert_int_eq(setting->other_line, 0);
    }
}
END_TEST

/* The first value counts, and the line of the first that is another. */
START_TEST(repeated_value)
{
    const char *name = directives[_i].name;

    ck_assert_ptr_null(read_conf(
        apr_pstrcat(unit_pool, name, " a\n\n", name, " \"a\"\n", NULL)));
    if (strcmp(name, "DBDInitSQL") == 0) {
        check_setting(_i, "a\na", 1);
        return;
    }
    check_setting(_i, "a", 1);
    ck_assert_ptr_null(
        read_conf(apr_pstrcat(unit_pool, "\n", name, " a\n", name, " a\n", name,
                              " b\n", name, " c\n", NULL)));
    ck_assert_str_eq(setting_of(_i)->value, "a");
    ck_assert_int_eq(setting_of(_i)->line, 2);
    ck_assert_int_eq(setting_of(_i)->other_line, 4);
}
END_TEST

static const struct {
    const char *text, *error;
} wrong[] = {
    {"DBDriver\n", "DBDriver has too few arguments"},
    {"DBDParams a b\n", "DBDParams has too many arguments"},
    {"DBDMax \\\n1 \\\n2\n", "DBDMax has too many arguments"},
    {"ThreadsPerChild ${NO_SUCH_VARIABLE}\n", "a variable that is not defined"},
    {"UptimeKeysScope a:b\n", "UptimeKeysScope has too few arguments"},
    {"UptimeKeysScope a:b c d e\n", "UptimeKeysScope has too many arguments"},
    {"UptimeKeysScope Bad x\n", ""},
    {"Define\n", "Define has too few arguments"},
    {"Define a b c\n", "Define has too many arguments"},
    {"LoadModule a\n", "LoadModule has too few arguments"},
    {"</VirtualHost> x\n", "</VirtualHost> has too many arguments"},
};

/* Wherever it stands, and whatever follows. */
START_TEST(error_has_its_line)
{
    int i;

    for (i = 0; i < UNIT_COUNT(before); i++) {
        const char *error = read_conf(
            apr_pstrcat(unit_pool, before[i].text, "DBDriver ok\n",
                        wrong[_i].text, "DBDParams ok ok ok\n", NULL));

        ck_assert_ptr_nonnull(error);
        ck_assert_ptr_nonnull(strstr(error, wrong[_i].error));
        ck_assert(
            strncmp(error,
                    apr_psprintf(unit_pool, ", line %d: ", before[i].lines + 2),
                    strlen(", line 1: "))
            == 0);
    }
}
END_TEST

/* The letters that httpd's words treat in their own way, and one that they do
 * not. */
static const char letters[] = "a \"'\\$";
#define LETTERS ((int)sizeof(letters) - 1)
#define WORD_MAX 4

static const char *word_of(int number)
{
    char *word = apr_pcalloc(unit_pool, WORD_MAX + 1);
    int i;

    for (i = 0; number > 0; number /= LETTERS + 1, i++) {
        if (number % (LETTERS + 1) == 0) {
            return NULL;
        }
        word[i] = letters[number % (LETTERS + 1) - 1];
    }
    return word;
}

static const char *quoted(const char *word, char quote)
{
    char *text = apr_palloc(unit_pool, 2 * strlen(word) + 3), *out = text;

    *out++ = quote;
    for (; *word; word++) {
        if (*word == quote || *word == '\\') {
            *out++ = '\\';
        }
        *out++ = *word;
    }
    *out++ = quote;
    *out = '\0';
    return text;
}

/* A value of any characters can be written, and is read as it was meant. */
START_TEST(every_short_value_is_read_as_it_was_written)
{
    int i, all = 1;

    for (i = 0; i < WORD_MAX; i++) {
        all *= LETTERS + 1;
    }
    for (i = 1; i < all; i++) {
        const char *word = word_of(i);

        if (word) {
            const char *text = apr_pstrcat(unit_pool, "DBDParams ",
                                           quoted(word, "\"'"[_i]), "\n", NULL);

            ck_assert_msg(read_conf(text) == NULL, "%s", text);
            ck_assert_str_eq(conf.params.value, word);
        }
        if (i % 100 == 0) {
            apr_pool_clear(unit_pool);
        }
    }
}
END_TEST

static const struct {
    const char *text, *params;
} defined[] = {
    {"Define A x\nDBDParams ${A}", "x"},
    {"Define A x\nDBDParams a${A}b${A}c", "axbxc"},
    {"Define A x\nDefine A y\nDBDParams ${A}", "y"},
    {"Define A x\nDefine B ${A}y\nDBDParams ${B}", "xy"},
    {"Define A\nDBDParams a${A}", "a"},
    {"DBDParams ${UK_TEST}", "from outside"},
    {"Define UK_TEST inside\nDBDParams ${UK_TEST}", "inside"},
    {"DBDParams $A", "$A"},
    {"DBDParams a$", "a$"},
};

START_TEST(variables_are_replaced)
{
    setenv("UK_TEST", "from outside", 1);
    ck_assert_ptr_null(read_conf(defined[_i].text));
    ck_assert_str_eq(conf.params.value, defined[_i].params);
}
END_TEST

START_TEST(scopes_are_added)
{
    int count;

    ck_assert_ptr_null(read_conf("UptimeKeysScope a:b \"A b\" Group\n"
                                 "UptimeKeysScope c:d C\n"));
    count = uk_catalogue_size(catalogue);
    ck_assert_str_eq(uk_catalogue_get(catalogue, count - 2)->name, "a:b");
    ck_assert_str_eq(uk_catalogue_get(catalogue, count - 2)->group, "Group");
    ck_assert_str_eq(uk_catalogue_get(catalogue, count - 1)->description, "C");
}
END_TEST

#define HOST "<VirtualHost *>\n"
#define END_HOST "</VirtualHost>\n"

static const struct {
    const char *text, *sql;
    int other_line, selects_schema;
} init_sql[] = {
    {"DBDInitSQL a\nDBDInitSQL b\n", "a\nb", 0, 0},
    {HOST "DBDInitSQL a\nDBDInitSQL b\n" END_HOST, "a\nb", 0, 0},
    {"DBDInitSQL a\n" HOST "DBDInitSQL b\n" END_HOST, "a", 3, 0},
    {HOST "DBDInitSQL a\n" END_HOST HOST "DBDInitSQL a\n" END_HOST, "a", 5, 0},
    {HOST "DBDInitSQL a\n" END_HOST "DBDInitSQL b\n", "a", 4, 0},
    {"DBDInitSQL a\n" HOST END_HOST "DBDInitSQL b\n", "a\nb", 0, 0},
    {"DBDInitSQL ${NO_SUCH_VARIABLE}\n", "${NO_SUCH_VARIABLE}", 1, 0},
    {"DBDInitSQL \"SET search_path TO x\"\n", "SET search_path TO x", 0, 1},
};

START_TEST(init_sql_of_one_server)
{
    ck_assert_ptr_null(read_conf(init_sql[_i].text));
    ck_assert_str_eq(conf.init_sql.value, init_sql[_i].sql);
    ck_assert_int_eq(conf.init_sql.other_line, init_sql[_i].other_line);
    ck_assert_int_eq(conf.init_selects_schema, init_sql[_i].selects_schema);
}
END_TEST

START_TEST(modules_beside)
{
    ck_assert_ptr_null(read_conf("LoadModule a_module a.so\n"
                                 "RemoteIPTrustedProxy 192.0.2.1\n" HOST
                                 "RemoteIPInternalProxyList a b c d e\n"
                                 "RemoteIPTrustedProxy 192.0.2.1\n" END_HOST
                                 "LoadModule mpm_itk_module i.so\n"));
    ck_assert_str_eq(conf.remoteip.value, "RemoteIPInternalProxyList");
    ck_assert_int_eq(conf.remoteip.line, 4);
    ck_assert_str_eq(conf.mpm_itk.value, "mpm_itk_module");
    ck_assert_int_eq(conf.mpm_itk.line, 7);
}
END_TEST

/* A backslash continues a line only if there is a newline. */
static const struct {
    const char *text, *params;
} ends[] = {
    {"", "b"},     {"\n", "b"},   {"\r\n", "b"},    {" \t\r", "b"},
    {"\\", "b\\"}, {"\\\n", "b"}, {" \\\r\n", "b"}, {"\\\\\n\n", "b"},
};

START_TEST(last_line_may_end_in_any_way)
{
    ck_assert_ptr_null(read_conf(apr_pstrcat(
        unit_pool, "DBDriver a\nDBDParams b", ends[_i].text, NULL)));
    ck_assert_str_eq(conf.params.value, ends[_i].params);
    ck_assert_int_eq(conf.params.line, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("httpdconf");
    TCase *tcase = unit_case(suite, "httpdconf");
    int all = UNIT_COUNT(directives);

    tcase_add_loop_test(tcase, every_way_to_write_it, 0, all);
    tcase_add_loop_test(tcase, letter_case_does_not_count, 0, all);
    tcase_add_loop_test(tcase, nothing_is_lost, 0, all);
    tcase_add_loop_test(tcase, repeated_value, 0, all);
    tcase_add_loop_test(tcase, error_has_its_line, 0, UNIT_COUNT(wrong));
    tcase_add_loop_test(tcase, every_short_value_is_read_as_it_was_written, 0,
                        2);
    tcase_add_loop_test(tcase, variables_are_replaced, 0, UNIT_COUNT(defined));
    tcase_add_test(tcase, scopes_are_added);
    tcase_add_loop_test(tcase, init_sql_of_one_server, 0, UNIT_COUNT(init_sql));
    tcase_add_test(tcase, modules_beside);
    tcase_add_loop_test(tcase, last_line_may_end_in_any_way, 0,
                        UNIT_COUNT(ends));
    return unit_run(suite);
}
