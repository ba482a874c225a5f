/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be said to a driver of ODBC, past apr_dbd. */
#include "db/odbc.h"

#include <apr_dbd.h>
#include <dlfcn.h>
#include <string.h>

#include "db/driver.h"

/* SQL_ATTR_PGOPT_SERVER_SIDE_PREPARE. Source: pgapifunc.h of psqlodbc. */
#define SERVER_SIDE_PREPARE 65540

/* As sql.h has it; its header need not be there to build this module. */
typedef short set_connect_attr_t(void *connection, int attribute, void *value,
                                 int length);

void uk_odbc_prepare_nothing(const uk_connection_t *connection)
{
    set_connect_attr_t *set_attribute = NULL;
    void *symbol;

    if (!connection->traits->is_odbc) {
        return;
    }
    /* apr_dbd's driver has loaded the driver manager. */
    symbol = dlsym(RTLD_DEFAULT, "SQLSetConnectAttr");
    memcpy(&set_attribute, &symbol, sizeof(symbol));
    if (set_attribute) {
        set_attribute(
            apr_dbd_native_handle(connection->driver, connection->handle),
            SERVER_SIDE_PREPARE, NULL, 0);
    }
}
