/* SPDX-License-Identifier: ISC */
#include "store/group_place.h"

#include <errno.h>

#include "os/file.h"
#include "store/store_private.h"

int group_place_open(struct store *s)
{
    int dir = os_file_open_subdir(s->dir, LAYOUT_GROUPS);
    if (dir < 0 && errno != ENOENT) {
        store_failed(s, "open", LAYOUT_GROUPS);
        errno = EIO;
    }
    return dir;
}

enum status group_place_check_free(struct store *s, const char *name)
{
    int dir = group_place_open(s);
    if (dir < 0)
        return errno == ENOENT ? ST_OK : ST_IO;
    bool there = os_file_exists(dir, name);
    enum status st = there             ? ST_USER_EXISTS
                     : errno == ENOENT ? ST_OK
                                       : store_failed(s, "look at", LAYOUT_GROUPS "/%s", name);
    os_file_close(dir);
    return st;
}
