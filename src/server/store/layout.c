/* SPDX-License-Identifier: ISC */
#include "store/layout.h"

#include <stdio.h>
#include <string.h>

#include "os/mount.h"
#include "proto/name.h"

const char *const layout_dirs[LAYOUT_DIRS] = {[LAYOUT_USERS] = "users",
                                              [LAYOUT_NEW] = "new",
                                              [LAYOUT_REMOVED] = "removed",
                                              [LAYOUT_INVITES] = "invites"};

enum layout_dir layout_apart(const int dirs[LAYOUT_DIRS])
{
    enum layout_dir which = 0;
    while (which < LAYOUT_DIRS && (dirs[which] < 0 || dirs[LAYOUT_NEW] < 0 ||
                                   os_mount_is_one(dirs[LAYOUT_NEW], dirs[which])))
        which++;
    return which;
}

enum layout_file layout_file(const char *name)
{
    struct span s = span_str(name);
    if (strcmp(name, LAYOUT_ACCOUNT) == 0)
        return LAYOUT_FILE_ACCOUNT;
    if (strcmp(name, LAYOUT_ACCOUNT LAYOUT_UNFINISHED) == 0)
        return LAYOUT_FILE_NEW_ACCOUNT;
    if (span_starts(s, SPAN(LAYOUT_TEMPORARY)))
        return LAYOUT_FILE_TEMPORARY;
    if (span_starts(s, SPAN(LAYOUT_INVITE)) && name_invite_ok(span_skip(s, strlen(LAYOUT_INVITE))))
        return LAYOUT_FILE_INVITE;
    return LAYOUT_FILE_OTHER;
}

void layout_account(const char *name, const char *generation, char out[LAYOUT_NAME_BYTES])
{
    snprintf(out, LAYOUT_NAME_BYTES, "%s-%s", name, generation);
}
