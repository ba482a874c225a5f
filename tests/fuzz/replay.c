/* SPDX-License-Identifier: Apache-2.0 */
/* Gives a target the inputs in files, without libFuzzer: each file, and what is
 * left of it when it is cut off anywhere.
 *
 *     NAME [--whole] FILE|FOLDER…
 *
 * --whole: nothing is cut off. Hidden files of a FOLDER do not count. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* Of longer inputs not every beginning is tried, but so many. */
#define BEGINNINGS 256
/* Bytes of an input. */
#define INPUT_MAX (1024 * 1024)

static unsigned long files, inputs;
static int whole_only;

/* The mutators are part of the targets, but nothing mutates here. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
{
    (void)data;
    (void)size;
    (void)max;
    abort();
}

__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

/* In memory of its own, so that a read beyond it is found. */
static void run_input(const char *content, size_t len)
{
    uint8_t *input = malloc(len ? len : 1);

    if (!input) {
        abort();
    }
    if (len) {
        memcpy(input, content, len);
    }
    LLVMFuzzerTestOneInput(input, len);
    free(input);
    inputs++;
}

static void run_content(const char *content, size_t len)
{
    size_t step = len / BEGINNINGS + 1, i;

    for (i = 0; i < len && !whole_only; i += step) {
        run_input(content, i);
    }
    run_input(content, len);
}

static void run_file(const char *name)
{
    static char content[INPUT_MAX];
    FILE *file = fopen(name, "rb");

    if (!file) {
        fprintf(stderr, "cannot read %s\n", name);
        exit(1);
    }
    /* So that a crash tells which file it is of. */
    fprintf(stderr, "%s\n", name);
    run_content(content, fread(content, 1, sizeof(content), file));
    fclose(file);
    files++;
}

static void run_name(const char *name)
{
    DIR *folder = opendir(name);
    struct dirent *entry;
    char path[4096];

    if (!folder) {
        run_file(name);
        return;
    }
    while ((entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", name, entry->d_name);
        if (entry->d_name[0] != '.') {
            run_file(path);
        }
    }
    closedir(folder);
}

int main(int argc, char **argv)
{
    int i;

    LLVMFuzzerInitialize(&argc, &argv);
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--whole") == 0) {
            whole_only = 1;
        }
        else {
            run_name(argv[i]);
        }
    }
    printf("%lu files, %lu inputs\n", files, inputs);
    if (!files) {
        fputs("no inputs: name a file, or a folder that has some\n", stderr);
    }
    return files ? 0 : 1;
}
