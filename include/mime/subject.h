/* SPDX-License-Identifier: ISC */
/*
 * subject: what a MIME text is about, for lists of messages. Pure.
 */
#ifndef MIME_SUBJECT_H
#define MIME_SUBJECT_H

#include "base/buf.h"
#include "base/span.h"

/*
 * Appends the subject that the header of a MIME text has, as field_text() does (field.h). text may
 * be only the beginning of it. Returns false if there is no subject, or if it has only spaces, and
 * appends nothing then; or if out failed.
 */
bool subject_find(struct span text, struct buf *out);

#define SUBJECT_LOOK_BYTES 15360 /* how much of a body subject_line looks at */

/*
 * The line by which a list shows a body: of a MIME text (parts.h) that has a subject
 * "Subject: " and the subject; of any other body its first line. It has at most size bytes, and is
 * never cut within a character that is valid UTF-8. Depends only on the first SUBJECT_LOOK_BYTES
 * of the body. Points into the body, or into room, which has size bytes.
 */
struct span subject_line(struct span body, char *room, size_t size);

#endif
