/* SPDX-License-Identifier: ISC */
/*
 * message_copy: copies a message's file from one directory into another, and checks it on the way
 * as a reader does (reader.h): header, length, first line, escapes and checksum must be those that
 * its name says. The directories need not be of a mailbox: backups and restores use the same
 * function, and a backup is not trusted. Safe for threads.
 */
#ifndef STORE_MESSAGE_COPY_H
#define STORE_MESSAGE_COPY_H

#include "store/message_file.h"

enum message_copied {
    MESSAGE_COPY_WHOLE,
    MESSAGE_COPY_GONE,       /* there is no such file; nothing was made */
    MESSAGE_COPY_DAMAGED,    /* *why says how; the copy has what could be read of it */
    MESSAGE_COPY_UNREADABLE, /* errno; the copy has what could be read of it */
    MESSAGE_COPY_SHORTAGE,   /* errno: no memory or descriptors; nothing was made */
    MESSAGE_COPY_FAILED /* errno: the copy could not be made, written or synced; nothing was made */
};

/*
 * Copies the file of m in the directory from. The copy is named to_name in the directory to, which
 * must not have this name. sync: the contents of the copy are synced, but not its name. m has the
 * state that is in the file's name. *bytes becomes the length of the copy.
 */
enum message_copied message_copy(int from, const struct mail *m, int to, const char *to_name,
                                 bool sync, uint64_t *bytes, const char **why);

/*
 * Gives the copy of a damaged message the name of one that was set aside, which is written to
 * aside. False: errno.
 */
bool message_copy_set_aside(int dir, const struct mail *m, char aside[MESSAGE_FILE_NAME_BYTES]);

/* Makes the copy of an expunged message, which is an empty file. sync as above. False: errno. */
bool message_copy_tombstone(int dir, const struct mail *m, bool sync);

#endif
