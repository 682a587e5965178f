/* SPDX-License-Identifier: ISC */
/*
 * sent: the user's copies of the letters that were sent: a Maildir, in the form of verbs_export.h.
 * It is $XDG_DATA_HOME/pochta/sent or, if that variable is not set to an absolute path,
 * $HOME/.local/share/pochta/sent. For one thread.
 */
#ifndef CLIENT_SENT_H
#define CLIENT_SENT_H

#include "client/draft.h"

/* Another Maildir, which may begin with ~/; or "no": no copies. It must outlive the use; NULL: as
 * above. */
void sent_set_place(const char *place);

/*
 * Keeps a copy of a letter, on stable storage, with the recipients who have it as its recipients. A
 * copy of the same letter with fewer of them is replaced. If that fails, it says so on standard
 * error, and nothing else is wrong: the letter was sent.
 */
void sent_keep(const struct draft *d);

#endif
