/*
 * view: what the server sent as text for the screen. Pure but for the local time zone.
 *
 * Others' text must not move the cursor, change the terminal or turn the reading direction: control
 * characters, bidirectional controls and bytes that are no UTF-8 appear as \x1b or \u202e.
 */
#ifndef CLIENT_VIEW_H
#define CLIENT_VIEW_H

#include "base/buf.h"
#include "base/span.h"
#include "proto/message.h"

enum view_place {
    VIEW_TEXT, /* LF and TAB are kept */
    VIEW_ROW   /* one line, its columns set off by TAB: neither is kept */
};

/* Adds s made safe. Returns how many characters had to be written as escapes. */
size_t view_safe(struct buf *out, struct span s, enum view_place place);

/* Adds a date of either version as asctime writes it, in the local time zone where it has a zone.
 */
void view_date(struct buf *out, struct span date);

/* Adds a message as a block of lines, without a blank line after it. Returns what view_safe does.
 */
size_t view_message(struct buf *out, const struct message *m);

/* Adds a message as one line: id, state, bytes, date, sender and the body's first line. */
void view_row(struct buf *out, const struct message *m);

#endif
