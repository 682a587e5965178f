/* SPDX-License-Identifier: ISC */
#include "os/file.h"
#include "store/fence.h"
#include "store/store_private.h"

bool store_sync(struct store *s, enum layout_dir which)
{
    if (commit_sync(&s->commits[which], s->dirs[which]))
        return fence_proves(s);
    store_failed(s, "sync", "%s (read-only from now on)", layout_dirs[which]);
    return false;
}

enum status store_sync_top(struct store *s)
{
    return os_file_sync_dir(s->dir) ? ST_OK : store_failed(s, "sync", "the store's directory");
}
