/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "client/catalogue.h"

const struct catalogue_row catalogue_errors[] = {

    ROW(NULL, NULL),
};
