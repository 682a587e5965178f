/* SPDX-License-Identifier: ISC */
/*
 * draft_edit: the text of a draft in the user's editor. For one thread.
 *
 * While the editor runs, the text is in a directory beside the file of the draft, N.edit, which
 * also takes the copies that editors make. If this process ends meanwhile, what the editor has
 * saved becomes the text when the draft is opened again.
 */
#ifndef CLIENT_DRAFT_EDIT_H
#define CLIENT_DRAFT_EDIT_H

#include "client/draft.h"

/* From now on the editor is this command, which stays the caller's; NULL: as before. At first vi.
 */
void draft_edit_set(const char *command);

/*
 * Runs the editor on the text of a draft that is open. A text that does not end with LF does not
 * end with one afterwards; an editor adds it. The text is kept as by draft_keep(). Returns false if
 * the editor failed, and appends to why what failed and why; what the editor has saved is taken all
 * the same.
 */
bool draft_edit(struct draft *d, struct buf *why);

/* As draft_open(), and takes what an editor has saved. */
enum draft_opened draft_edit_open(struct draft *d, const struct state_dir *dir, unsigned number);

#endif
