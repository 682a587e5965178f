/* SPDX-License-Identifier: ISC */
/*
 * message_file: the name and the header of a message's file (docs/store.md). Pure.
 *
 * The name says everything that a list of messages needs, so that reading the directory is reading
 * the index:
 *
 *     0000000007-u,t=1512316293,s=21,e=0,l=21+0,f=ann,k=0123456789abcdef
 *     id state     time         size escapes line from token, if there is one
 *
 * The file has a header of readable lines, an empty line, and the body byte for byte:
 *
 *     Pochta-Message: 1
 *     From: ann
 *     Date: 2017-12-03T15:51:33Z
 *     Length: 21
 *     Checksum: 0a1b2c3d
 *
 *     jklaskldhakjshdkajdsh
 *
 * The checksum is the CRC-32C of the lines before it and of the body.
 */
#ifndef STORE_MESSAGE_FILE_H
#define STORE_MESSAGE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "mime/subject.h"
#include "proto/message.h"
#include "proto/name.h"
#include "proto/token.h"

#define MESSAGE_FILE_NAME_BYTES   200 /* room for a name, with its NUL */
#define MESSAGE_FILE_HEADER_BYTES 256 /* room for a header */

#define MAIL_ID_MAX   UINT32_MAX
#define MAIL_BODY_MAX UINT32_MAX /* bytes */

/* The state of a message. All but the last three are letters in its file's name. */
enum mail_state {
    MAIL_UNREAD = 'u',
    MAIL_NORMAL = 'n',   /* has been read */
    MAIL_DELETED = 'd',  /* in the trash, whole */
    MAIL_EXPUNGED = 'x', /* a tombstone: the body is gone, the id and the token are known */
    MAIL_BROKEN = 'b',   /* found damaged and set aside */
    MAIL_PENDING = 'p',  /* not durable yet; in order before the name that its file may have */
    MAIL_PENDING_NORMAL = 'm', /* the same for a message that is stored as one that was read */
    MAIL_GONE = '-'            /* its file is gone */
};

/* A stored message as its file's name describes it: everything but the body. */
struct mail {
    uint32_t id;
    enum mail_state state;
    int64_t time;      /* when it was accepted, or of an import its date: seconds since 1970, UTC */
    uint32_t size;     /* bytes of the body */
    uint32_t escapes;  /* how many bytes of the body need an escape, see escape_count */
    unsigned line;     /* bytes of the line that lists show, at most MESSAGE_LINE_BYTES */
    unsigned line_esc; /* how many bytes of that line need an escape */
    char from[NAME_BYTES + 1];
    char token[TOKEN_MAX + 1]; /* "" for none */
    bool hidden;               /* not in the name: see index_hide */
};

static inline bool mail_is_pending(const struct mail *m)
{
    return m->state == MAIL_PENDING || m->state == MAIL_PENDING_NORMAL;
}

/* The state that the name of m's file says: of a pending message, what it is once it is durable. */
static inline enum mail_state mail_named_state(const struct mail *m)
{
    if (m->state == MAIL_PENDING_NORMAL)
        return MAIL_NORMAL;
    return m->state == MAIL_PENDING ? MAIL_UNREAD : m->state;
}

/* Writes the name of m's file. */
void message_file_name(const struct mail *m, char out[MESSAGE_FILE_NAME_BYTES]);

/* Parses a name. True only if message_file_name would write exactly this name for *m. */
bool message_file_parse_name(const char *name, struct mail *m);

/*
 * Less than, equal to or greater than 0 as a comes before, with or after b: by id. Of several files
 * with one id the one that comes first keeps it (docs/store.md, "Late writes"): one that is
 * pending; then those that a user has read or deleted, then the unread, then the broken ones; of
 * two in one class the one that was accepted later; and then the names decide, so that the order is
 * always the same.
 */
int message_file_order(const struct mail *a, const struct mail *b);

/* Whether both describe the same message, each in some state. */
bool message_file_is_same(const struct mail *a, const struct mail *b);

/* Whether one is a repeat of the other: both have a token, the same, and the same sender. */
bool message_file_is_repeat(const struct mail *a, const struct mail *b);

/* Sets size, escapes, line and line_esc from a body. The line is that of subject_line. */
void message_file_measure(struct mail *m, struct span body);

#define MESSAGE_FILE_BEGIN_BYTES SUBJECT_LOOK_BYTES /* what message_file_line needs of a body */

/*
 * Finds the line by which lists show m: the line of subject_line, if its length and escapes are
 * those in the name of m; otherwise the first line of the body, which names from before lists
 * showed subjects describe. begin: at least the first MESSAGE_FILE_BEGIN_BYTES of the body, or all
 * of it. *line points into begin or into room. False: the name describes neither line, which is
 * damage.
 */
bool message_file_line(const struct mail *m, struct span begin, char room[MESSAGE_LINE_BYTES],
                       struct span *line);

/* Writes the header of m with this body, and returns its length in bytes. */
size_t message_file_header(const struct mail *m, struct span body,
                           char out[MESSAGE_FILE_HEADER_BYTES]);

/*
 * Parses the header at the start of a file and compares it with m. Returns its length in bytes, or
 * 0 if it is not the header of m. *checksum becomes the checksum that it states; *begun the
 * checksum of the lines before, to be continued over the body.
 */
size_t message_file_parse_header(struct span file, const struct mail *m, uint32_t *checksum,
                                 uint32_t *begun);

#endif
