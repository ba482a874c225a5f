/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the client library that apr_dbd's driver has loaded. */
#include "db/symbols.h"

#include <dlfcn.h>
#include <string.h>

int uk_symbols_find(const char *const *names, size_t count, void *functions)
{
    unsigned char *to = functions;
    void *symbol;
    size_t i;

    for (i = 0; i < count; i++) {
        symbol = dlsym(RTLD_DEFAULT, names[i]);
        if (!symbol) {
            return 0;
        }
        memcpy(to + i * sizeof(symbol), &symbol, sizeof(symbol));
    }
    return 1;
}
