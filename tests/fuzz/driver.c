/* SPDX-License-Identifier: Apache-2.0 */
/* The main() of targets that are linked with libFuzzer. Its own one would write
 * what crashes to the current folder; this one writes it beside the program, unless
 * an option says where. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

int LLVMFuzzerRunDriver(int *argc, char ***argv,
                        int (*test)(const uint8_t *data, size_t size));

int main(int argc, char **argv)
{
    char **words = calloc((size_t)argc + 2, sizeof(*words));
    char option[4096];

    if (!words) {
        return 1;
    }
    snprintf(option, sizeof(option), "-artifact_prefix=%s-", argv[0]);
    words[0] = argv[0];
    words[1] = option;
    memcpy(words + 2, argv + 1, (size_t)argc * sizeof(*words));
    argc++;
    return LLVMFuzzerRunDriver(&argc, &words, LLVMFuzzerTestOneInput);
}
