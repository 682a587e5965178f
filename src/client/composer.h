/* SPDX-License-Identifier: ISC */
/*
 * composer: a letter while it is written on a terminal: line by line, or in the user's editor. It
 * is kept as a draft (draft.h) meanwhile. For one thread.
 */
#ifndef CLIENT_COMPOSER_H
#define CLIENT_COMPOSER_H

#include "client/draft.h"
#include "client/menu_session.h"

/* A letter while it is written and sent. */
struct composer {
    struct call *call;
    struct menu *m; /* its news are announced; NULL: there is no menu */
    struct draft *draft;
    struct prompt_writer writer;
    struct prompt_meanwhile meanwhile;
    struct buf unfinished; /* the line that is being typed */
    bool begun;            /* the letter has a line; it may be an empty one */
    bool subject;          /* the next line is the subject */
    bool edit;             /* the user has typed "~e" */
    bool unkept;           /* the user knows that it could not be written to the disk */
    size_t given;          /* bytes at the beginning that the user has not written */
    bool copy;             /* of a message of the mailbox */
};

/*
 * Says what it expects, and lets the user write, or go on writing; with subject set, a subject
 * first. The line "~e" runs the editor. False: the letter was not written to its end; prompt_end()
 * says why.
 */
bool composer_read(struct composer *l);

/*
 * Runs the editor on the letter. False: it failed, and what failed is appended to why, safe to
 * print; what the editor has saved is taken all the same.
 */
bool composer_run_editor(struct composer *l, struct buf *why);

/* The same, and says what failed, and whether the letter can be kept. */
void composer_edit(struct composer *l);

/*
 * Until prompt_meanwhile(NULL): while the user is asked, keeps the connection alive, and announces
 * new mail and a lost connection.
 */
void composer_attend(struct composer *l);

/* Says it once when the letter cannot be kept on the disk, and once when it can again. */
void composer_kept(struct composer *l, bool kept);

#endif
