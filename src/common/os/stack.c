/* SPDX-License-Identifier: ISC */
#include "os/stack.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Below this function's frame, for the call of madvise and what the ABI lets it use below that. */
#define IN_USE_BYTES 512

__attribute__((noinline)) void os_stack_trim(void)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    pthread_attr_t attr;
    void *lowest;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return;
    pthread_attr_getstack(&attr, &lowest, &size);
    pthread_attr_destroy(&attr);
    uintptr_t end = ((uintptr_t)&attr - IN_USE_BYTES) / page * page;
    if (end > (uintptr_t)lowest)
        madvise(lowest, end - (uintptr_t)lowest, MADV_DONTNEED);
}
