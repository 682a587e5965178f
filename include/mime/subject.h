/* SPDX-License-Identifier: ISC */
/*
 * subject: finds the subject of a MIME text, and the line by which lists show a message. Pure.
 */
#ifndef MIME_SUBJECT_H
#define MIME_SUBJECT_H

#include "base/buf.h"
#include "base/span.h"

/*
 * Appends the subject in the header of a MIME text, decoded by field_text() (field.h). If it is not
 * UTF-8, it is taken to be in the character set that the header gives for the text. text may be
 * only the beginning of the MIME text. Returns false if out failed; also, with nothing appended, if
 * there is no subject, or only spaces.
 */
bool subject_find(struct span text, struct buf *out);

#define SUBJECT_LOOK_BYTES 15360 /* how much of a body subject_line looks at */

/*
 * The line by which lists show a body. For a MIME text (parts.h) that has a subject, it is
 * "Subject: " and the subject; for any other body, its first line. It has at most size bytes, and
 * is never cut within a character that is valid UTF-8. It depends only on the first
 * SUBJECT_LOOK_BYTES of the body. Points into the body, or into room, which has size bytes.
 */
struct span subject_line(struct span body, char *room, size_t size);

#endif
