/* SPDX-License-Identifier: ISC */
/*
 * composer: a letter on a terminal, for the menu and for commands. It is written line by line or in
 * the user's editor, kept as a draft (draft.h) meanwhile, and sent. For one thread.
 */
#ifndef CLIENT_COMPOSER_H
#define CLIENT_COMPOSER_H

#include "client/choice.h"
#include "client/deliver.h"
#include "client/error.h"
#include "client/menu_session.h"

/* A letter while it is written and sent. */
struct composer {
    struct call *call;
    struct menu *m; /* its news is announced; NULL: there is no menu, and the end of the input ends
                       the letter */
    struct draft *draft;
    struct buf *line;       /* for answers */
    uint64_t message_limit; /* in bytes, with the files */
    struct prompt_writer writer;
    struct prompt_meanwhile meanwhile;
    struct buf unfinished; /* the line that is being typed */
    bool begun;            /* the letter has a line; it may be an empty one */
    bool subject;          /* the next line is the subject */
    bool edit;             /* the user has typed "~e" */
    bool unkept;           /* the user knows that it could not be written to the disk */
    size_t given;          /* bytes at the beginning that the user has not written */
    enum error_code code;  /* how composer_send() failed last */
};

/*
 * Lets the user write the letter (CHOICE_WRITE; with subject set, a subject first; the line "~e"
 * runs the editor) or edit it (CHOICE_EDIT), and asks what to do with it. Returns CHOICE_AGAIN:
 * send it; CHOICE_KEEP, CHOICE_DISCARD; or CHOICE_NONE: prompt_end() says why there is no answer.
 * A command gets CHOICE_AGAIN without a question for a letter that the editor has left empty.
 */
enum choice composer_work(struct composer *l, enum choice choice);

/*
 * Sends each copy that was not sent. If that fails, says why, and asks. Returns CHOICE_AGAIN: all
 * are sent; or CHOICE_KEEP, CHOICE_DISCARD or CHOICE_NONE, and l->code is set.
 */
enum choice composer_send(struct composer *l, const struct delivery *way);

/*
 * Runs the editor on the letter. False: it failed, and what failed is appended to why, safe to
 * print; what the editor has saved is taken all the same.
 */
bool composer_run_editor(struct composer *l, struct buf *why);

/* Tells the user once when the letter cannot be kept on the disk, and once when it can again. */
void composer_kept(struct composer *l, bool kept);

#endif
