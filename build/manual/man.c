/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the man page of the tool from its table of commands and their help. A
 * program of the build alone, linked with the objects of the tool. */
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "core/version.h"

/* Characters that roff would take for its own. */
static void print_text(const char *text, size_t len)
{
    size_t i;

    if (len && strchr(".'", *text)) {
        fputs("\\&", stdout);
    }
    for (i = 0; i < len; i++) {
        if (text[i] == '\\') {
            fputs("\\e", stdout);
        }
        else {
            fputs(text[i] == '-' ? "\\-" : (char[]){text[i], '\0'}, stdout);
        }
    }
}

static void print_line(const char *text, size_t len)
{
    print_text(text, len);
    putchar('\n');
}

/* A usage: options are bold, and what stands for a value is in italics. */
static void print_usage(const char *name, const char *usage)
{
    fputs("\\fBuptime\\-keys", stdout);
    if (*name) {
        putchar(' ');
        print_text(name, strlen(name));
    }
    fputs("\\fR ", stdout);
    while (*usage) {
        int is_option = *usage == '-';
        size_t len = is_option ? strspn(usage, "-abcdefghijklmnopqrstuvwxyz")
                               : strspn(usage, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

        if (len) {
            fputs(is_option ? "\\fB" : "\\fI", stdout);
            print_text(usage, len);
            fputs("\\fR", stdout);
        }
        usage += len;
        len = strcspn(usage, "-ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        fwrite(usage, 1, len, stdout);
        usage += len;
    }
    putchar('\n');
}

/* What the last line was part of. */
typedef enum {
    NOTHING,
    PARAGRAPH,
    ITEM,
    INNER_ITEM,
    EXAMPLE
} part_e;

/* The end of a term, where two blanks follow it; else that of the line. */
static size_t term_len(const char *text, size_t len)
{
    size_t i;

    for (i = 0; i + 1 < len; i++) {
        if (text[i] == ' ' && text[i + 1] == ' ') {
            return i;
        }
    }
    return len;
}

static void print_term(const char *text, size_t len)
{
    fputs(".TP\n.B \"", stdout);
    print_text(text, len);
    puts("\"");
}

/* The text of an item; terms in it are items of a list inside.
 *
 * @return ITEM or INNER_ITEM */
static part_e print_item_text(part_e part, const char *text, size_t len)
{
    size_t term = term_len(text, len);
    size_t gap = strspn(text + term, " ");

    if (term < len) {
        if (part != INNER_ITEM) {
            puts(".RS");
        }
        print_term(text, term);
        print_line(text + term + gap, len - term - gap);
        return INNER_ITEM;
    }
    print_line(text, len);
    return part;
}

static part_e end_part(part_e part)
{
    if (part == INNER_ITEM) {
        puts(".RE");
    }
    if (part == EXAMPLE) {
        puts(".EE\n.RE");
    }
    return NOTHING;
}

static part_e begin_item(part_e part, const char *text, size_t len)
{
    size_t term = term_len(text, len);
    size_t gap = strspn(text + term, " ");

    end_part(part);
    print_term(text, term);
    return term < len
               ? print_item_text(ITEM, text + term + gap, len - term - gap)
               : ITEM;
}

static part_e begin_example(part_e part)
{
    end_part(part);
    puts(".RS\n.EX");
    return EXAMPLE;
}

static part_e print_help_line(part_e part, const char *line, size_t len)
{
    size_t indent = strspn(line, " ");

    if (part == EXAMPLE) {
        print_line(line + 2, len - 2);
        return part;
    }
    if (len == 0) {
        return end_part(part);
    }
    if (indent == 2) {
        return begin_item(part, line + indent, len - indent);
    }
    if (indent > 2) {
        return print_item_text(part, line + indent, len - indent);
    }
    if (part != PARAGRAPH) {
        end_part(part);
        puts(".PP");
    }
    print_line(line, len);
    return strncmp(line, "Example:", len) == 0 ? begin_example(PARAGRAPH)
                                               : PARAGRAPH;
}

/* @param part EXAMPLE if all of it is one, PARAGRAPH after a heading, else
 * NOTHING */
static void print_help(part_e part, const char *help)
{
    while (*help) {
        size_t len = strcspn(help, "\n");

        part = print_help_line(part, help, len);
        help += len + (help[len] != '\0');
    }
    end_part(part);
}

static void print_commands(void)
{
    const cli_command_t *command;

    puts(".SH COMMANDS");
    for (command = cli_commands; command->name; command++) {
        fputs(".SS ", stdout);
        print_line(command->name, strlen(command->name));
        print_usage(command->name, command->usage);
        puts(".PP");
        print_text(command->summary, strlen(command->summary));
        puts(".");
        print_help(NOTHING, command->help);
    }
}

static void print_files(void)
{
    const char *const *path;

    puts(".SH FILES");
    print_help(PARAGRAPH, cli_help_text.files);
    for (path = cli_default_config_paths; *path; path++) {
        puts(".PP\n.RS");
        print_line(*path, strlen(*path));
        puts(".RE");
    }
}

/* What nothing but a man page says. */
static const char environment[] =
    ".SH ENVIRONMENT\n"
    "A word ${NAME} in the file of\n"
    ".B \\-c\n"
    "stands for what a line Define NAME in that file says, or else for the\n"
    "variable NAME of the environment, as in httpd.\n";
static const char see_also[] = ".SH \"SEE ALSO\"\n"
                               ".BR uptime_keys.conf (5),\n"
                               ".BR apache2 (8),\n"
                               ".BR httpd (8)\n";

int main(void)
{
    puts(".\\\" SPDX-License-Identifier: Apache-2.0\n"
         ".TH UPTIME\\-KEYS 1 \"\" \"mod_uptime_keys " UK_VERSION "\"\n"
         ".nr HY 0\n.nh\n.ad l");
    printf(".SH NAME\nuptime\\-keys \\- %s\n.SH SYNOPSIS\n",
           cli_help_text.title);
    print_usage("", cli_help_text.usage);
    puts(".SH OPTIONS\nEvery command takes these.");
    print_help(NOTHING, cli_help_text.options);
    print_commands();
    puts(".SH \"EXIT STATUS\"");
    print_help(NOTHING, cli_help_text.exits);
    fputs(environment, stdout);
    print_files();
    puts(".SH EXAMPLES\nA first key:\n.RS\n.EX");
    print_help(EXAMPLE, cli_help_text.example);
    fputs(see_also, stdout);
    return fflush(stdout) == 0 ? 0 : 1;
}
