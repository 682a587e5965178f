/* SPDX-License-Identifier: ISC */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

void *array_room(void *array, size_t n, size_t *cap, size_t element_bytes)
{
    size_t more = *cap * 2 + 16;
    if (n < *cap)
        return array;
    void *grown = more <= SIZE_MAX / element_bytes ? realloc(array, more * element_bytes) : NULL;
    if (grown)
        *cap = more;
    return grown;
}
