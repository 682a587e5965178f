/* SPDX-License-Identifier: ISC */
#include "os/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void os_random_bytes(void *bytes, size_t size)
{
    char *p = bytes;
    while (size > 0) {
        ssize_t n = getrandom(p, size, 0);
        if (n < 0 && errno != EINTR)
            abort();
        if (n > 0) {
            p += n;
            size -= (size_t)n;
        }
    }
}
