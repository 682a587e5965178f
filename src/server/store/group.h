/* SPDX-License-Identifier: ISC */
/*
 * group: one name for many accounts. Mail to the group's name goes to each member.
 *
 * A group is the file groups/NAME (group_file.h). A name belongs to an account or to a group:
 * neither can be made while the other has the name. If two processes make both at the same moment,
 * the account gets all mail, and fsck reports the group. Members are accounts, never groups. A
 * member whose account was deleted stays: it gets mail again if the account is restored.
 *
 * The directory is made with the first group. Changes exclude each other by the lock of the
 * group's name (lock.h), also between a server and a tool. Each file is replaced as a whole, so
 * readers need no lock. Safe for threads.
 *
 * Functions that change a group make the same promise as those of account.h: on ST_OK the change
 * survives a power cut; on ST_UNKNOWN it may have happened; on any other status nothing was
 * changed.
 */
#ifndef STORE_GROUP_H
#define STORE_GROUP_H

#include "proto/status.h"
#include "store/group_file.h"

/* Names in these functions must have passed name_fold. */

/*
 * Reads a group. ST_NO_USER: no group has this name. ST_DAMAGED: its file is damaged, which is
 * reported.
 */
enum status group_find(struct store *s, const char *name, struct group *g);

/* Why a change was refused, and the group or account that is the reason. why is a constant; NULL:
 * the status says it. */
struct group_refusal {
    char name[NAME_BYTES + 1];
    const char *why;
};

/*
 * Adds all accounts in asked to a group, or none, and makes the group if it does not exist. The
 * generations in asked are ignored. An account that is a member already stays one.
 * ST_USER_EXISTS, ST_RESERVED: the group cannot have this name; ST_NO_USER: one of those asked is
 * not an account; ST_FULL: there would be more than GROUP_MEMBERS. On any status but ST_OK,
 * *refusal says more.
 */
enum status group_add(struct store *s, const char *name, const struct group *asked,
                      struct group_refusal *refusal);

/*
 * Removes all members in asked from a group, or none; the group stays, even without members.
 * ST_NO_USER: there is no such group, or one of those asked is not a member.
 */
enum status group_remove(struct store *s, const char *name, const struct group *asked,
                         struct group_refusal *refusal);

/*
 * For a restore: makes a group with these members and generations. ST_USER_EXISTS: a group or an
 * account has the name.
 */
enum status group_put(struct store *s, const char *name, const struct group *g);

/* Deletes a group, even a damaged one. ST_NO_USER: no group has this name. */
enum status group_delete(struct store *s, const char *name);

/*
 * Calls each(ctx, name) with the name of each group, in no particular order, until it returns
 * false. Returns false if the groups cannot be listed, which is reported.
 */
bool group_each(struct store *s, bool (*each)(void *ctx, const char *name), void *ctx);

/*
 * Calls finding(ctx, file, what) for each file in groups/ that is not a group, cannot be read, or
 * has the name of an account. May run beside a server. Returns false if the files cannot be listed,
 * which is reported.
 */
bool group_fsck(struct store *s, void (*finding)(void *ctx, const char *file, const char *what),
                void *ctx);

/* When a server starts: removes the files that a crash has left unfinished. */
void group_remove_unfinished(struct store *s);

#endif
