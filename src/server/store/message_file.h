/*
 * mail: a stored message's name and header (docs/store.md). Pure.
 *
 * The name of a message's file says all that a listing's size depends on, so that reading the
 * directory is reading the index:
 *
 *     0000000007-u,t=1512316293,s=21,e=0,l=21+0,f=ann,k=0123456789abcdef
 *     id state     time         size escapes first line  from  token, if it had one
 *
 * The file holds a header of readable lines, an empty line, and the body as it came:
 *
 *     Pochta-Message: 1
 *     From: ann
 *     Date: 2017-12-03T15:51:33Z
 *     Length: 21
 *     Checksum: 0a1b2c3d
 *
 *     jklaskldhakjshdkajdsh
 *
 * The checksum is the CRC-32C of all lines before it and of the body.
 */
#ifndef STORE_MESSAGE_FILE_H
#define STORE_MESSAGE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "proto/message.h"
#include "proto/name.h"
#include "proto/token.h"

#define MAIL_FILE_BYTES   200        /* room for a file name, with its NUL */
#define MAIL_HEADER_BYTES 256        /* room for a header */
#define MAIL_ID_MAX       UINT32_MAX /* ids of one mailbox */
#define MAIL_BODY_MAX     UINT32_MAX /* bytes of a body */

/* The state's letter in the name. */
enum mail_state {
    MAIL_UNREAD = 'u',
    MAIL_NORMAL = 'n',
    MAIL_DELETED = 'd',  /* the body is still there, for answers under way */
    MAIL_EXPUNGED = 'x', /* the body is gone: the name keeps the id and the token known */
    MAIL_BROKEN = 'b',   /* found damaged and set aside */
    MAIL_PENDING = 'p',  /* never in a name: renamed into the mailbox, not yet synced */
    MAIL_GONE = '-'      /* never in a name: the file is no more */
};

struct mail {
    uint32_t id;
    enum mail_state state;
    int64_t time;      /* seconds since 1970, UTC: when it was accepted */
    uint32_t size;     /* bytes of the body */
    uint32_t escapes;  /* of these, so many need an escape: see escape_count */
    unsigned line;     /* bytes of the first line, at most MESSAGE_LINE_BYTES */
    unsigned line_esc; /* of these, so many need an escape */
    char from[NAME_BYTES + 1];
    char token[TOKEN_MAX + 1]; /* "" for none */
};

void mail_file_name(const struct mail *m, char out[MAIL_FILE_BYTES]);

/* Reads a name back. False: it is not the name of a message. mail_file_name gives it again. */
bool mail_parse_file_name(const char *name, struct mail *m);

/* Sets size, escapes, line and line_esc from a body. */
void mail_measure(struct mail *m, struct span body);

/* Writes the header of m with this body; returns its bytes. */
size_t mail_header(const struct mail *m, struct span body, char out[MAIL_HEADER_BYTES]);

/*
 * Reads the header at the start of a file, against what the name said. Returns its bytes and sets
 * *checksum to what it states and *begun to the checksum so far, to be continued over the body; 0
 * when it is not the header of m.
 */
size_t mail_parse_header(struct span file, const struct mail *m, uint32_t *checksum,
                         uint32_t *begun);

#endif
