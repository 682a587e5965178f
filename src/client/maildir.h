/* SPDX-License-Identifier: ISC */
/*
 * maildir: a directory with a file for each message (maildir(5)), which other mail programs can use
 * at the same time. For one thread.
 *
 * A message is written in tmp/, synced, and then renamed to new/ if it is unread or to cur/ if it
 * has been read, with the flag S. So after a crash it is there complete, or not at all. The name up
 * to ":" is the caller's and says which message it is; programs change only what follows.
 *
 * Functions that return false set errno.
 */
#ifndef CLIENT_MAILDIR_H
#define CLIENT_MAILDIR_H

#include "base/buf.h"

#define MAILDIR_NAME_BYTES 200 /* room for a name up to its ":", with its NUL */

struct maildir {
    int fd, tmp, new, cur; /* the directories */
    struct maildir_file {
        char *name; /* with its flags */
        bool fresh; /* in new/ */
    } * files;      /* those that were there when it was opened; see maildir_list */
    size_t n, cap;
};

/*
 * Opens a Maildir. make: makes it first, with mode 0700, if there is no such directory or it is
 * empty, and puts its names on stable storage. Otherwise ENOTDIR: it is no Maildir. In every case
 * the caller closes it.
 */
bool maildir_open(struct maildir *d, const char *path, bool may_make);
void maildir_close(struct maildir *d);

/*
 * Lists new/ and cur/ in the order of delivery, that of the numbers with which names begin. Names
 * that begin with a dot are no messages. Fails also with ENOMEM.
 */
bool maildir_list(struct maildir *d);

/* Whether the list has a file with this name, whatever its flags. */
bool maildir_has(const struct maildir *d, const char *name);

/* The name of a file up to its flags, of which flags.h tells. */
struct span maildir_base(const char *name);

/*
 * Adds a message, with the date of its file in seconds since 1970, on stable storage. One that is
 * there already with this name and these flags is kept.
 */
bool maildir_add(struct maildir *d, const char *name, struct span mail, bool seen, int64_t date);

/* Removes a file of the list. */
bool maildir_remove(const struct maildir *d, const struct maildir_file *file);

/* Appends a file of the list to a buffer. EFBIG: it is larger than the buffer's limit. */
bool maildir_load(const struct maildir *d, const struct maildir_file *file, struct buf *into);

/* When a file of the list was modified, in seconds since 1970. */
bool maildir_date(const struct maildir *d, const struct maildir_file *file, int64_t *date);

#endif
