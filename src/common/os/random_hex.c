/* SPDX-License-Identifier: ISC */
#include "base/digits.h"
#include "os/random.h"

void os_random_hex(char *out, size_t digits)
{
    os_random_bytes(out, digits);
    for (size_t i = 0; i < digits; i++)
        digits_put_hex(out + i, (unsigned char)out[i], 1);
    out[digits] = 0;
}
