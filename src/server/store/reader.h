/*
 * reader: the body of one message, piece by piece, checked as it goes. For one thread.
 */
#ifndef STORE_READER_H
#define STORE_READER_H

#include "base/span.h"
#include "store/mailbox.h"
#include "store/message_file.h"

#define READER_BYTES 16384 /* a piece has at most so many */

struct reader {
    struct mailbox *mb;
    const char *damage; /* in words, once ST_DAMAGED was returned */
    bool look_only;     /* sets nothing aside */
    uint32_t id;
    int fd;
    uint64_t offset;             /* of the next piece in the file */
    uint64_t left;               /* bytes of the body not given yet, the waiting ones included */
    uint32_t checksum, expected; /* of what was read so far; of all */
    uint64_t escapes;            /* still to be met in the body, as the name said */
    size_t waiting;              /* bytes at bytes + begin that were read and not given yet */
    size_t begin;
    char bytes[READER_BYTES];
};

/*
 * Opens a message: m says which, as letter_find or a snapshot gave it; its state may have changed
 * since. The first piece, READER_BYTES less the header or the whole body, is checked before this
 * returns. ST_DAMAGED: the file was set aside. ST_NO_MESSAGE: it is gone. On ST_OK to be closed
 * again.
 */
enum status reader_open(struct reader *r, struct mailbox *mb, const struct mail *m);

/*
 * The next piece, valid until the next call; an empty one at the end of the body. ST_DAMAGED: the
 * file turned out to be damaged, and was set aside. All pieces together never have more escapes
 * than the name said, and the last one is given only if the checksum is right.
 */
enum status reader_next(struct reader *r, struct span *piece);

void reader_close(struct reader *r);

/* Reads a message through and leaves it as it is. ST_DAMAGED: *why says what is wrong. */
enum status reader_check(struct reader *r, struct mailbox *mb, const struct mail *m,
                         const char **why);

#endif
