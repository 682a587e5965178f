/* SPDX-License-Identifier: ISC */
/*
 * parts: reads a MIME text (RFC 2045, 2046) part by part. Pure.
 *
 * The text is not trusted. Each byte is looked at a fixed number of times, parts of parts lie at
 * most PARTS_DEPTH deep, and there are at most PARTS_MAX; a part that is nested deeper is handed
 * out whole. Lines end with LF or CR LF.
 */
#ifndef MIME_PARTS_H
#define MIME_PARTS_H

#include "base/buf.h"
#include "base/span.h"
#include "mime/encoding.h"

#define PARTS_FIRST_LINE "MIME-Version: 1.0"

/*
 * The mark that is put before mail of another program, which then begins with the first line. It
 * ends with LF alone, so that it differs from such a line in the mail itself.
 */
#define PARTS_MARK  PARTS_FIRST_LINE "\n"
#define PARTS_DEPTH 8
#define PARTS_MAX   1000

#define PARTS_WORD_BYTES     64  /* room for a type, or a character set, with its NUL */
#define PARTS_NAME_BYTES     255 /* of a name; a longer one is cut */
#define PARTS_BOUNDARY_BYTES 70  /* the most that RFC 2046 allows */

struct part {
    unsigned number;                /* from 1, in the order of the text */
    char type[PARTS_WORD_BYTES];    /* in lower case: text/plain */
    char charset[PARTS_WORD_BYTES]; /* in lower case; empty: none given */
    char name[PARTS_NAME_BYTES];    /* of the file: any bytes */
    size_t name_bytes;              /* 0: it has no name */
    bool attachment;                /* not to be shown in line with the text */
    bool alternative;               /* lies within a multipart/alternative */
    enum encoding encoding;
    struct span body; /* encoded; points into the text */
};

enum parts_result { PARTS_ONE, PARTS_END, PARTS_TOO_MANY };

struct parts {
    struct span rest;
    enum { PARTS_AT_HEAD, PARTS_OUTSIDE, PARTS_DONE } state;
    unsigned number;
    unsigned depth; /* how many multiparts are open */
    struct parts_level {
        char boundary[PARTS_BOUNDARY_BYTES];
        size_t bytes;
        bool digest, alternative;
    } levels[PARTS_DEPTH];
};

/* Whether the body of a message is a MIME text: its first line is PARTS_FIRST_LINE. */
bool parts_is_mime(struct span body);

/* A body without its mark, if it has one. */
struct span parts_without_mark(struct span body);

/* The header of a MIME text, without the blank line after it. Points into the text. */
struct span parts_header(struct span text);

/* text must outlive p. */
void parts_init(struct parts *p, struct span text);

/*
 * PARTS_ONE: sets *part to the next part that is no multipart. PARTS_TOO_MANY: there are more than
 * PARTS_MAX.
 */
enum parts_result parts_next(struct parts *p, struct part *part);

/*
 * Finds the part to show as the text: the first part that is text and not an attachment; or, if
 * that is one of several alternatives and not plain text, the plain text among them. Returns false
 * if there is no such part.
 */
bool parts_find_text(struct span text, struct part *part);

/*
 * Appends the content of a part that is text, decoded and in UTF-8 (charset.h). *known: whether its
 * character set is known. Returns false if out failed, or if the part is damaged; what could be
 * decoded has then been appended.
 */
bool parts_add_text(const struct part *part, struct buf *out, bool *known);

#endif
