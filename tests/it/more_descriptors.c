/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into a server where the system allows few descriptors and nobody may change that: it
 * then plans with more than there are. Idle clients need one each, a third of what it plans with.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <sys/resource.h>

#define ENOUGH 65536

int getrlimit64(__rlimit_resource_t resource, struct rlimit64 *rlimits)
{
    int (*real)(__rlimit_resource_t, struct rlimit64 *) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "getrlimit64");
    int result = real ? real(resource, rlimits) : -1;
    if (result == 0 && resource == RLIMIT_NOFILE && rlimits->rlim_cur < ENOUGH)
        rlimits->rlim_cur = ENOUGH;
    return result;
}
