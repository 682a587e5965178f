/* SPDX-License-Identifier: ISC */
/*
 * letter: shows a message, and finds the files in it. A message is a MIME text if its first line
 * says so (mime/parts.h). Thread-safe.
 */
#ifndef CLIENT_LETTER_H
#define CLIENT_LETTER_H

#include "base/buf.h"
#include "mime/parts.h"
#include "proto/message.h"

/*
 * Appends a message as a block of lines, without a blank line after it. Of a MIME text: if it is
 * mail, the fields of its header that say who wrote it, to whom, when and about what; its text part
 * (parts_find_text), and a line about each other part. Returns how many other parts there are.
 *
 * The server vouches for the sender in m. What the header says of it is called a claim, unless the
 * mail came from outside, where it is all that is known; or reader, a user's name or NULL, has
 * imported it; or it names the same user. columns as in view_text().
 */
size_t letter_show(struct buf *out, const struct message *m, const char *reader, unsigned columns);

/* The same for a body alone, of the user's own letter, after the label "BODY: ". */
size_t letter_show_body(struct buf *out, struct span body, unsigned columns);

/*
 * Whether a message is mail that no user has sent, but another mail server or a printer. Replies to
 * it cannot be sent: letters go only to users of this server.
 */
bool letter_is_outside(const struct message *m);

/*
 * The text of a message, as lists show it: its body, or of a MIME text its first text part,
 * decoded, in UTF-8, after a line "Subject: " if its header has a subject. Points into body or into
 * room, which keeps it until it is freed or used again.
 */
struct span letter_text(struct buf *room, struct span body);

/*
 * The files of a MIME text are all its parts but the one that letter_show() shows. Sets *part to
 * the next one; PARTS_END and PARTS_TOO_MANY as parts_next().
 */
struct letter_files {
    struct parts parts;
    unsigned text; /* the number of the part that is shown, or 0 */
};

void letter_files_init(struct letter_files *f, struct span body);
enum parts_result letter_files_next(struct letter_files *f, struct part *part);

#endif
