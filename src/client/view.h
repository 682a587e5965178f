/* SPDX-License-Identifier: ISC */
/*
 * view: formats what the server sent for the screen. Pure except for the local time zone;
 * thread-safe.
 *
 * Text from others must not move the cursor, change the terminal or reverse the reading direction:
 * control characters, bidirectional controls and invalid UTF-8 are shown as escapes, such as \x1b
 * or \u202e.
 */
#ifndef CLIENT_VIEW_H
#define CLIENT_VIEW_H

#include "base/buf.h"
#include "base/span.h"
#include "proto/message.h"

enum view_place {
    VIEW_TEXT, /* LF and TAB are kept */
    VIEW_ROW   /* in a line with columns separated by TAB: neither is kept */
};

/* Appends s made safe. Returns how many characters are shown as escapes. */
size_t view_safe(struct buf *out, struct span s, enum view_place place);

/*
 * Appends a date in the form of asctime: in local time, or unchanged if its time zone is unknown.
 */
void view_date(struct buf *out, struct span date);

/* Appends a message as a block of lines, without a blank line after it. Returns as view_safe. */
size_t view_message(struct buf *out, const struct message *m);

/* Appends a message as one line: id, state, bytes, date, sender and the body's first line. */
void view_row(struct buf *out, const struct message *m);

#endif
