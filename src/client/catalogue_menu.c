/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "client/catalogue.h"

const struct catalogue_row catalogue_menu[] = {
    ROW("Enter one of these letters.", "Введите одну из этих букв."),
    ROW(NULL, NULL),
};
