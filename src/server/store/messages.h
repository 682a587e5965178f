/*
 * letter: what is done to single messages of a mailbox. Safe for threads.
 */
#ifndef STORE_MESSAGES_H
#define STORE_MESSAGES_H

#include "base/span.h"
#include "store/mailbox.h"
#include "store/message_file.h"

/*
 * Puts a new message into a mailbox. from is a valid name, token valid or empty. On ST_OK the
 * message survives a power cut, and *stored says what it became; when the same sender has sent with
 * this token before, that is the first message as it was stored, and nothing new is; *repeat,
 * unless NULL, says so. On ST_UNKNOWN the message may be stored; on any other status the mailbox is
 * unchanged, but perhaps for trash that had to make room. Takes the lock.
 */
enum status letter_deliver(struct mailbox *mb, const char *from, struct span body,
                           struct span token, struct mail *stored, bool *repeat);

/*
 * The message that this sender sent with this token before, as it was stored, once it is durable.
 * ST_NO_MESSAGE when there is none; ST_UNKNOWN when its sync fails. token may be empty.
 */
enum status letter_find_repeat(struct mailbox *mb, const char *from, struct span token,
                               struct mail *first);

/* Looks up a message that is not deleted. */
enum status letter_find(struct mailbox *mb, uint64_t id, struct mail *m);

/*
 * The first message above *mark that has arrived: is durable, and not deleted. *mark becomes its
 * id; or, with ST_NO_MESSAGE, that of the last durable one, so that what was deleted before it
 * could be met is no arrival when it is restored.
 */
enum status letter_next(struct mailbox *mb, uint32_t *mark, struct mail *m);

/* The id of the last durable message, or 0: whatever gets durable later has a higher one. */
enum status letter_last(struct mailbox *mb, uint32_t *id);

/*
 * Deletes a message: on ST_OK it stays deleted after a power cut, its id is never given again, and
 * its token is still known.
 */
enum status letter_delete(struct mailbox *mb, uint64_t id);

/* Brings a deleted message back, as a normal one; same promises. ST_NO_MESSAGE once it is purged.
 */
enum status letter_restore(struct mailbox *mb, uint64_t id);

/*
 * Makes unread messages normal, those of the given ids that still are unread. Not synced, and a
 * failure loses nothing: such a message stays unread.
 */
void letter_mark_read(struct mailbox *mb, const uint32_t *ids, size_t n);

#endif
