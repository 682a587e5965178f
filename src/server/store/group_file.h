/* SPDX-License-Identifier: ISC */
/*
 * group_file: the members of a group, and the text of the file that has them. Pure.
 *
 *     pochta-group 1
 *     ann 0123456789abcdef
 *     bob 89abcdef01234567
 *
 * A line has the name of an account and its generation, so that a new account with the name of a
 * deleted one does not get the mail of its groups. The lines are sorted by name.
 */
#ifndef STORE_GROUP_FILE_H
#define STORE_GROUP_FILE_H

#include "base/buf.h"
#include "store/store.h"

#define GROUP_MEMBERS    500 /* at most */
#define GROUP_FILE_BYTES (32 + GROUP_MEMBERS * (NAME_BYTES + STORE_GENERATION_DIGITS + 2))

/* About 25 KB: too large for the stack of a session. */
struct group {
    size_t n;
    struct who members[GROUP_MEMBERS]; /* sorted by name; each name once */
};

/* Parses the text of a file. False: it is damaged, and *g has no meaning. */
bool group_file_parse(struct span s, struct group *g);

/* Appends the text of the file. */
void group_file_add(struct buf *out, const struct group *g);

/* The position of a member; if no member has this name, *there is false, and the position is
 * that of the first member with a higher name, or n. */
size_t group_position(const struct group *g, const char *name, bool *there);

/* Adds a member, or replaces the one with this name. False: there are GROUP_MEMBERS already. */
bool group_insert(struct group *g, const struct who *who);

/* Removes a member. False: it is not one. */
bool group_drop(struct group *g, const char *name);

/* Whether two groups have the same members. */
bool group_is_same(const struct group *a, const struct group *b);

#endif
