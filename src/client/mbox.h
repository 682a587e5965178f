/* SPDX-License-Identifier: ISC */
/*
 * mbox: a file with many messages, each after a line that begins with "From " (mbox(5)). In the
 * form mboxrd: a line of a message that looks like a separator, with or without > before it, gets
 * one more >, which is taken away when it is read. A line that begins with five NUL bytes gets one,
 * too, see below. For one thread.
 *
 * While the file is open for writing, it is locked as mail programs lock it (fcntl). A message is
 * appended with its first five bytes left out: while they are 0, it does not count. They are
 * written when the rest is on stable storage. What a crash left is cut off when the file is opened
 * again.
 *
 * Functions that return false set errno.
 */
#ifndef CLIENT_MBOX_H
#define CLIENT_MBOX_H

#include <time.h>

#include "base/buf.h"

struct mbox {
    int fd;
    struct buf in;  /* what was read and not taken */
    size_t pos;     /* in.p[0..pos) was taken */
    uint64_t at;    /* the offset of in.p[pos] in the file */
    uint64_t end;   /* where the next message is appended, */
    unsigned lacks; /* after this many line ends */
    bool torn;      /* what follows end is half a message: adding cuts it off */
};

/* Opens a file for reading. In every case the caller closes it. */
bool mbox_open(struct mbox *b, const char *path);

/*
 * Opens a file for appending, or makes it with mode 0600, and locks it: EAGAIN if another program
 * has locked it. After mbox_next has returned MBOX_END, mbox_add may be called.
 */
bool mbox_open_to_add(struct mbox *b, const char *path);
void mbox_close(struct mbox *b);

enum mbox_result {
    MBOX_ONE,
    MBOX_END,
    MBOX_NONE,  /* the file does not begin with a separator: it is no mbox */
    MBOX_FAILED /* errno */
};

struct mbox_mail {
    uint64_t offset; /* where its separator begins in the file */
    struct buf line; /* the separator, without its line end */
    struct buf mail; /* failed: it exceeds its limit, and only its beginning is here */
};

/*
 * Reads the next message. The buffers are the caller's, who has set their limits; they are cleared
 * first.
 */
enum mbox_result mbox_next(struct mbox *b, struct mbox_mail *m);

/*
 * Appends a message, on stable storage. mark: the value of the field ENVELOPE_MARK (envelope.h),
 * which is put first. EAGAIN: another program has changed the file. from: the sender, as it is
 * named in the separator. utc may be NULL.
 */
bool mbox_add(struct mbox *b, const char *mark, struct span from, const struct tm *utc, bool seen,
              struct span mail);

#endif
