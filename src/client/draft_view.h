/* SPDX-License-Identifier: ISC */
/*
 * draft_view: formats drafts for the screen, as view.h does messages. For one thread.
 */
#ifndef CLIENT_DRAFT_VIEW_H
#define CLIENT_DRAFT_VIEW_H

#include "client/draft.h"

/*
 * Appends a line for each draft: number, state, bytes, date, recipients, first line; separated by
 * TAB if columns is 0, else in columns that fit a screen of this width. The states: "writing"
 * (another process works on it), "unfinished", "ready", "unsure" (it may have arrived), "sent" (it
 * is only left to be removed), "damaged" and "unreadable" (nobody knows whether it is damaged).
 * Returns false, and sets errno, if there may be more drafts than those.
 */
bool draft_view_list(struct buf *out, const struct state_dir *dir, unsigned columns);

/* Appends a draft as a block of lines, its text as a message's. columns as in view_text(). */
void draft_view(struct buf *out, const struct draft *d, unsigned columns);

/* Appends its recipients, its size and the first lines of its text. */
void draft_view_short(struct buf *out, const struct draft *d, unsigned columns);

/* Why a draft could not be opened, in words that follow "draft 3: ". Uses errno. */
const char *draft_view_why(enum draft_opened opened);

#endif
