/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "client/catalogue.h"

const struct catalogue_row catalogue_options[] = {
    ROW("Commands:", "Команды:"),
    ROW(NULL, NULL),
};
