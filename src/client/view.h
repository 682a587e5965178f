/* SPDX-License-Identifier: ISC */
/*
 * view: formats what the server sent for the screen. Pure except for the local time zone;
 * thread-safe.
 *
 * Text from others must not move the cursor, change the terminal or reverse the reading direction:
 * control characters, bidirectional controls and invalid UTF-8 are shown as escapes, such as \x1b
 * or \u202e. Nor may it look like the header of a message: all lines of a body are indented.
 */
#ifndef CLIENT_VIEW_H
#define CLIENT_VIEW_H

#include "base/buf.h"
#include "base/span.h"
#include "proto/message.h"

enum view_place {
    VIEW_TEXT, /* LF, TAB and marks of direction (U+061C, U+200E, U+200F) are kept, CR LF is LF */
    VIEW_ROW   /* in a line with columns separated by TAB: all these become escapes */
};

/* Appends s made safe. */
void view_safe(struct buf *out, struct span s, enum view_place place);

/*
 * The same for a text whose first line stands at column indent: the other lines are indented as
 * far. The terminal must not break a line, because its second part would begin at the left margin.
 * So unless columns is 0, lines are broken to fit into this many columns: between words, or within
 * a word that no line has room for. Spaces that would follow a full line are left out.
 */
void view_text(struct buf *out, struct span s, unsigned indent, unsigned columns);

/*
 * Appends a date in the form of asctime: in local time, or unchanged if its time zone is unknown.
 */
void view_date(struct buf *out, struct span date);

#define VIEW_LABEL_COLUMNS 6 /* the width of a label such as "BODY: " */

/*
 * Appends what stands before the text of a message, up to its label; letter.h shows a whole
 * message.
 */
void view_head(struct buf *out, const struct message *m);

/* Appends a message as one line: id, state, bytes, date, sender and the body's first line. */
void view_row(struct buf *out, const struct message *m);

#endif
