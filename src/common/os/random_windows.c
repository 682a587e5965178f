/* SPDX-License-Identifier: ISC */
#include "os/random.h"

#include <stdlib.h>

#include "windows_private.h"

#include <bcrypt.h>

void os_random_bytes(void *bytes, size_t size)
{
    if (BCryptGenRandom(NULL, bytes, (ULONG)size, BCRYPT_USE_SYSTEM_PREFERRED_RNG) < 0)
        abort();
}
