/* SPDX-License-Identifier: ISC */
/*
 * reader: reads the body of one message piece by piece, and checks it on the way. For one thread.
 */
#ifndef STORE_READER_H
#define STORE_READER_H

#include "base/span.h"
#include "store/mailbox.h"
#include "store/message_file.h"

#define READER_BYTES 16384 /* a piece has at most this many */

struct reader {
    struct mailbox *mb;
    const char *damage; /* what is wrong, once ST_DAMAGED was returned */
    bool look_only;     /* damaged messages are not set aside */
    uint32_t id;
    int fd;
    uint64_t offset;             /* of the next piece in the file */
    uint64_t left;               /* bytes of the body that the caller has not got yet */
    uint32_t checksum, expected; /* of the part that was read; of the whole */
    uint64_t escapes;            /* how many the rest of the body must have, as the name says */
    size_t waiting;              /* bytes at bytes + begin that were read and not handed out yet */
    size_t begin;
    char bytes[READER_BYTES];
};

/*
 * Opens the message that messages_find or a snapshot has found; its state may have changed since.
 * The first piece (READER_BYTES including the header, or the whole body) is checked before this
 * returns. ST_DAMAGED: the file is damaged and was set aside. ST_NO_MESSAGE: the message is gone.
 * On ST_OK the caller closes the reader. Takes the mailbox's lock.
 */
enum status reader_open(struct reader *r, struct mailbox *mb, const struct mail *m);

/*
 * The next piece, valid until the next call; an empty one at the end of the body. ST_DAMAGED: the
 * rest of the file is damaged, and it was set aside. All pieces together never have more escapes
 * than the name says, and the last piece is handed out only if the checksum is right.
 */
enum status reader_next(struct reader *r, struct span *piece);

void reader_close(struct reader *r);

/* Reads a whole message and leaves it as it is. ST_DAMAGED: *why says what is wrong. */
enum status reader_check(struct reader *r, struct mailbox *mb, const struct mail *m,
                         const char **why);

#endif
