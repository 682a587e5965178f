#include "base/recent.h"

static struct recent *set_of(struct recent *table, size_t entries, uint64_t key)
{
    return table + key % (entries / RECENT_WAYS) * RECENT_WAYS;
}

struct recent *recent_find(struct recent *table, size_t entries, uint64_t key, int64_t now_ms)
{
    struct recent *set = set_of(table, entries, key);

    for (int i = 0; i < RECENT_WAYS; i++)
        if (set[i].key == key && set[i].until_ms > now_ms)
            return &set[i];
    return NULL;
}

struct recent *recent_take(struct recent *table, size_t entries, uint64_t key, int64_t now_ms)
{
    struct recent *found = recent_find(table, entries, key, now_ms);
    struct recent *set = set_of(table, entries, key), *first = set;

    if (found)
        return found;
    for (int i = 1; i < RECENT_WAYS; i++)
        if (set[i].until_ms < first->until_ms)
            first = &set[i];
    *first = (struct recent){.key = key};
    return first;
}
