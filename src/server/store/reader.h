/* SPDX-License-Identifier: ISC */
/*
 * reader: reads the body of one message piece by piece, and checks it on the way. For one thread.
 * It can read one message after the other.
 */
#ifndef STORE_READER_H
#define STORE_READER_H

#include "base/buf.h"
#include "store/mailbox.h"
#include "store/message_file.h"

/*
 * A piece has at most this many: less than the 64 KiB from which the C library looks at each free
 * whether it can give memory back to the system. The first piece is shorter, since lists need no
 * other.
 */
#define READER_BYTES       61440
#define READER_FIRST_BYTES 16384

struct reader {
    struct mailbox *mb;
    struct mail mail;   /* the message, with the state it had when it was opened */
    const char *damage; /* what is wrong, once ST_DAMAGED was returned */
    uint64_t inode;     /* of the file that is damaged; 0: not known */
    int error;          /* errno, once ST_UNREADABLE was returned */
    bool look_only;     /* nothing is set aside, hidden or logged */
    bool second;        /* this is a second look: what it finds counts */
    bool waited;        /* it has waited once before a second look */
    int fd;
    uint64_t offset;             /* of the next piece in the file */
    uint64_t left;               /* bytes of the body that the caller has not got yet */
    uint32_t checksum, expected; /* of the part that was read; of the whole */
    uint64_t escapes;            /* how many the rest of the body must have, as the name says */
    size_t waiting;              /* bytes at bytes + begin that were read and not handed out yet */
    size_t begin;
    struct span line; /* of an open message, until reader_next: see message_file_line */
    char line_room[MESSAGE_LINE_BYTES];
    char bytes[READER_BYTES];
};

/* A reader, which the caller frees with free. NULL: out of memory. */
struct reader *reader_new(void);

/*
 * Opens the message that messages_find or a snapshot has found; its state may have changed since.
 * The first piece (READER_FIRST_BYTES including the header, or the whole body) is checked before
 * this returns. On ST_OK the caller closes the reader. Takes the mailbox's lock, unless the file
 * still has the name that the message had. Otherwise: ST_DAMAGED: the file is damaged and was set
 * aside. ST_UNREADABLE: the file cannot be read, which says nothing about what is in it. The
 * message was hidden; once a later call can read it, it is shown again. ST_NO_MESSAGE: the message
 * is gone. If a first look finds damage or EIO, the whole file is read again through another
 * descriptor. If that is well, the first look counts for nothing. Before the first of these second
 * looks a reader waits a second; later ones come later anyway.
 */
enum status reader_open(struct reader *r, struct mailbox *mb, const struct mail *m);

/* Whether reader_open returned a status after which lists are without the message. Pure. */
bool reader_leaves_out(enum status st);

/*
 * The next piece, valid until the next call; an empty one at the end of the body. ST_DAMAGED and
 * ST_UNREADABLE as above; ST_IO: the rest could not be read, but a second look was well. All pieces
 * together never have more escapes than the name says, and the last piece is handed out only if the
 * checksum is right.
 */
enum status reader_next(struct reader *r, struct span *piece);

void reader_close(struct reader *r);

/* Reads a whole body and appends it to a buffer, which must have room for it. The statuses are
 * those of reader_open and reader_next. */
enum status reader_load(struct mailbox *mb, const struct mail *m, struct buf *body);

/*
 * Reads a whole message, even one that was set aside, and leaves it as it is. ST_DAMAGED: r->damage
 * says what is wrong. ST_UNREADABLE: r->error says why. The statuses are those of reader_open.
 */
enum status reader_check(struct reader *r, struct mailbox *mb, const struct mail *m);

#endif
