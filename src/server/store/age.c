/* SPDX-License-Identifier: ISC */
#include "store/age.h"

void age_begin(struct age *a, int64_t clock, int64_t uptime)
{
    *a = (struct age){.offset = clock - uptime, .steady = uptime};
}

/* Small steps do not add up: a clock that is kept right is corrected for ever. */
int64_t age_look(struct age *a, int64_t clock, int64_t uptime)
{
    int64_t set = clock - uptime - a->offset;
    a->offset += set;
    if (set >= -AGE_SLACK_S && set <= AGE_SLACK_S)
        return 0;
    a->steady = uptime;
    return set;
}

bool age_is_known(const struct age *a, int64_t uptime)
{
    return uptime - a->steady >= AGE_STEADY_S;
}
