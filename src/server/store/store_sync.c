/* SPDX-License-Identifier: ISC */
/*
 * The syncs of the store's directories.
 */
#include "store/fence.h"
#include "store/store_private.h"

bool store_sync(struct store *s, enum layout_dir which)
{
    if (commit_sync(&s->commits[which], s->dirs[which]))
        return fence_proves(s);
    store_failed(s, "sync", "%s (read-only from now on)", layout_dirs[which]);
    return false;
}

bool store_is_read_only(struct store *s, enum layout_dir which)
{
    return store_is_failed(s) || commit_failed(&s->commits[which]);
}
