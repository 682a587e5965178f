/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "os/crypt.h"

/* explicit_bzero of the C library, where there is one, does the same. */
void os_crypt_wipe(void *secret, size_t size)
{
    if (size == 0)
        return;
    memset(secret, 0, size);
    /* NOLINTNEXTLINE(hicpp-no-assembler): the compiler must believe that it is read. */
    __asm__ volatile("" : : "r"(secret) : "memory");
}
