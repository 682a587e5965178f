/* SPDX-License-Identifier: ISC */
#include "os/stack.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

#define DEEP_BYTES ((size_t)100 * 1024)

/* What the C library says about the stack, if it is not the truth, and what is given back. */
static int no_attributes, no_stack;
static void *told_lowest;
static size_t told_size;
static int given_back;

#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

REPLACED(int, pthread_getattr_np, (pthread_t thread, pthread_attr_t *attr))
{
    return no_attributes ? no_attributes : real_pthread_getattr_np(thread, attr);
}

REPLACED(int, pthread_attr_getstack, (const pthread_attr_t *attr, void **lowest, size_t *size))
{
    int result = no_stack ? no_stack : real_pthread_attr_getstack(attr, lowest, size);
    if (told_lowest) {
        *lowest = told_lowest;
        *size = told_size;
    }
    return result;
}

REPLACED(int, madvise, (void *begin, size_t size, int advice))
{
    given_back++;
    return real_madvise(begin, size, advice);
}

/* Pages of this thread's stack that are in memory; -1: the system does not say. */
static int resident_pages(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    pthread_attr_t attr;
    void *lowest = NULL;
    size_t size = 0;
    int n = 0;

    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return -1;
    bool known = pthread_attr_getstack(&attr, &lowest, &size) == 0;
    pthread_attr_destroy(&attr);
    if (!known)
        return -1;
    size_t pages = size / page;
    unsigned char *in_memory = malloc(pages);
    if (!in_memory || mincore(lowest, pages * page, in_memory) != 0)
        n = -1;
    for (size_t i = 0; i < pages && n >= 0; i++)
        n += in_memory[i] & 1;
    free(in_memory);
    return n;
}

__attribute__((noinline)) static int go_deep(int seed)
{
    volatile char bytes[DEEP_BYTES];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(seed + (int)i);
    return bytes[DEEP_BYTES / 2];
}

/* The pages that the caller itself uses are more under a sanitizer. */
static void *run(void *arg)
{
    char kept[3000];
    const int deep_pages = (int)(DEEP_BYTES / (size_t)sysconf(_SC_PAGESIZE));

    (void)arg;
    memset(kept, 'k', sizeof kept);
    int before = resident_pages(), first = go_deep(1), deep = resident_pages();
    ok(deep >= before + deep_pages - 5, "a deep call leaves pages in memory");
    os_stack_trim();
    ok(resident_pages() <= deep - deep_pages + 5, "os_stack_trim: they are given back");
    os_stack_trim();
    is_int(go_deep(1), first, "a deep call after that");
    bool same = true;
    for (size_t i = 0; i < sizeof kept; i++)
        same = same && kept[i] == 'k';
    ok(same, "what the callers keep on the stack is as it was");
    return NULL;
}

/* Nothing is given back if it is not sure that it is below what is in use. */
static void test_unsure(void)
{
    char page[1] = {0};
    const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    char *near = page - (uintptr_t)page % page_bytes;

    given_back = 0;
    no_attributes = ENOMEM;
    os_stack_trim();
    no_attributes = 0;
    no_stack = EINVAL;
    os_stack_trim();
    no_stack = 0;
    is_int(given_back, 0, "os_stack_trim: nothing, if it is not known where the stack is");
    told_lowest = near + page_bytes;
    told_size = page_bytes;
    os_stack_trim();
    is_int(given_back, 0, "os_stack_trim: nothing, if it should begin above what is in use");
    told_lowest = near - 64 * page_bytes;
    os_stack_trim();
    is_int(given_back, 0, "os_stack_trim: nothing of another stack");
    told_lowest = NULL;
    os_stack_trim();
    is_int(given_back, 1, "os_stack_trim: of this one");
}

int main(void)
{
    pthread_attr_t attr;
    pthread_t thread;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, (size_t)256 * 1024);
    if (pthread_create(&thread, &attr, run, NULL) == 0)
        pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    os_stack_trim();
    ok(true, "os_stack_trim: also in the first thread");
    test_unsure();
    return done_testing();
}
