/* SPDX-License-Identifier: ISC */
/*
 * render: a message as mail for other programs (RFC 5322), as it leaves by POP3. Pure.
 *
 * Every line ends with CR LF, even the last one. Lines that begin with a dot stay as they are: to
 * add a dot is up to the caller. The same message gives the same bytes for ever: they depend only
 * on the envelope, the origin and the body. So a later version must not change these rules:
 *
 * - Mail that a door has stored leaves byte for byte as it came: without the mark, which is
 * PARTS_FIRST_LINE with LF alone, and without the empty line that follows the mark if the mail has
 * no header. If the mail began with PARTS_FIRST_LINE itself, the line ends with CR LF and stays.
 * - Mail that the owner of the mailbox has put there (envelope_take: it has the mark and a From
 * field) leaves as it is. The mark is its MIME-Version field, and is left out only if the header
 * has another field of that name.
 * - Other MIME texts, such as letters with attachments, get the header of envelope_add, because
 * their own header may lie about the sender. Without a Subject field, the subject is that of their
 * first part, if this is a text. What their header has beyond RENDER_HEADER_BYTES is left out.
 * - Other messages are texts. If one begins with a line `Subject: x`, this becomes the Subject
 * field, and the text is what follows, without the empty line after it; if x has more than
 * ENVELOPE_SUBJECT_BYTES, the text stays whole. Otherwise, the subject is the first line that is
 * not blank, and the text stays whole. The text leaves as it is, but with CR LF at the end of each
 * line; or in base64, byte for byte, if it is not UTF-8, or has a NUL, a CR without an LF, or a
 * line of more than 998 bytes.
 *
 * The time grows in proportion to the size of the body. Memory is needed only for the fields: about
 * six times their size; at worst, for a header of nothing but `To:`, sixteen times. It is allocated
 * before the caller can count it, so the size of the fields is limited.
 */
#ifndef MIME_RENDER_H
#define MIME_RENDER_H

#include "mime/envelope.h"

#define RENDER_PIECE_BYTES  65536       /* the most that render_more appends */
#define RENDER_HEADER_BYTES (256 << 10) /* of a header that another sender has written */

enum render_origin {
    RENDER_DOOR, /* a door has stored it, and has checked who sent it */
    RENDER_OWN,  /* the sender is the owner of the mailbox */
    RENDER_OTHER
};

struct render {
    struct buf head;  /* the fields that are put before the text, with CR LF */
    struct span text; /* what follows: points into the body */
    enum { RENDER_AS_IS, RENDER_LINES, RENDER_BASE64 } form; /* of the text */
    size_t head_done, text_done;                             /* bytes that have been appended */
};

/*
 * Begins to render a message. e: its recipients, sender, host, id and date; subject and own are
 * ignored. body must outlive r. Returns false if memory is short. The caller calls render_end
 * whatever is returned.
 */
bool render_begin(struct render *r, const struct envelope *e, enum render_origin origin,
                  struct span body);

/* The exact size of the mail in bytes. Reads the text once, unless it leaves as it is or in base64.
 */
uint64_t render_bytes(const struct render *r);

/*
 * Appends the next piece. Returns whether it has appended one: false at the end, or if out has
 * failed (buf_ok). A piece can end within a line, or between CR and LF.
 */
bool render_more(struct render *r, struct buf *out);

/* Frees what r owns. */
void render_end(struct render *r);

#endif
