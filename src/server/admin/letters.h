/* SPDX-License-Identifier: ISC */
/*
 * letters: what an administrator can do with single messages of a user. Safe for threads.
 */
#ifndef ADMIN_LETTERS_H
#define ADMIN_LETTERS_H

#include "admin/admin_answer.h"
#include "base/span.h"
#include "proto/status.h"
#include "store/store.h"

/*
 * Runs an action on the mailbox of the user name; id is empty if none was given:
 *
 *     list        a row for each message: id, state (unread, read, deleted, broken, unreadable),
 *                 date, sender, bytes of the text, and its subject or first line
 *     show ID     such a row, and then the text, byte for byte
 *     restore ID  brings a message back from the trash
 *     delete ID   moves a message to the trash
 *
 * A subject is valid UTF-8 on one line; characters that could break the row or control a terminal
 * are written as \x09. If a text turns out to be damaged while it is sent, its last part is missing
 * and the answer fails. Returns ST_OK, also if *answer already has an error, or why it failed.
 */
enum status letters_run(struct store *s, const char *name, struct span action, struct span id,
                        struct admin_answer *answer);

#endif
