/* SPDX-License-Identifier: ISC */
#include "os/stack.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Below the address of this function's frame: the frame itself, and what madvise needs. */
#define IN_USE_BYTES 1024

__attribute__((noinline)) void os_stack_trim(void)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    pthread_attr_t attr;
    void *lowest = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return;
    int failed = pthread_attr_getstack(&attr, &lowest, &size);
    pthread_attr_destroy(&attr);
    if (failed != 0)
        return;
    uintptr_t begin = (uintptr_t)lowest, end = (frame - IN_USE_BYTES) / page * page;
    if (begin < end && frame < begin + size)
        madvise(lowest, end - begin, MADV_DONTNEED);
}
