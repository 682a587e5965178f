/* SPDX-License-Identifier: ISC */
#include "store/group_place.h"

#include <errno.h>

#include "os/file.h"
#include "store/store_private.h"

enum status group_place_open(struct store *s, int *dir)
{
    *dir = os_file_open_subdir(s->dir, LAYOUT_GROUPS);
    return *dir >= 0 || errno == ENOENT ? ST_OK : store_failed(s, "open", LAYOUT_GROUPS);
}

enum status group_place_check_free(struct store *s, const char *name)
{
    int dir;
    enum status st = group_place_open(s, &dir);
    if (dir < 0)
        return st;
    if (os_file_exists(dir, name))
        st = ST_USER_EXISTS;
    else if (errno != ENOENT)
        st = store_failed(s, "look at", LAYOUT_GROUPS "/%s", name);
    os_file_close(dir);
    return st;
}
