/* SPDX-License-Identifier: ISC */
/*
 * messages: finds, deletes and restores single messages of a mailbox. All functions take the
 * mailbox's lock and fail as that does, with ST_NO_USER if the account is gone. Safe for threads.
 */
#ifndef STORE_MESSAGES_H
#define STORE_MESSAGES_H

#include "store/mailbox.h"

/* Finds a message that is not deleted, even a hidden one. ST_NO_MESSAGE: no such id. */
enum status messages_find(struct mailbox *mb, uint64_t id, struct mail *m);

/*
 * Finds the first message with an id above *mark that is durable and not deleted, and sets *mark to
 * its id. ST_NO_MESSAGE: there is none; *mark becomes the id of the last durable message, so that a
 * message that was deleted before it could be found does not count as new when it is restored.
 */
enum status messages_next(struct mailbox *mb, uint32_t *mark, struct mail *m);

/* The id of the last durable message, or 0. Every message that becomes durable later has a higher
 * id. */
enum status messages_last(struct mailbox *mb, uint32_t *id);

/*
 * For an administrator: fetches the messages with ids of at least first, in the order of ids, at
 * most max: unread, read, deleted and broken ones, and hidden ones as if they were not. *n is their
 * number; 0: there are no more. Where max cuts off files that share the last id, those are broken.
 */
enum status messages_list(struct mailbox *mb, uint64_t first, struct mail *mails, size_t max,
                          size_t *n);

/* For an administrator: finds a message, even if it is deleted, broken or hidden. */
enum status messages_find_any(struct mailbox *mb, uint64_t id, struct mail *m);

/*
 * Moves a message to the trash. On ST_OK it stays deleted after a power cut, its id is never given
 * again, and its token is still known. ST_NO_MESSAGE: there is none; ST_UNKNOWN: it may be deleted;
 * on any other status nothing was changed.
 */
enum status messages_delete(struct mailbox *mb, uint64_t id);

/*
 * Moves n messages to the trash with one sync for all of them. outcomes[i] becomes what
 * messages_delete returns for ids[i]: a message that is gone is ST_NO_MESSAGE, and the others are
 * deleted all the same. Any other failure ends the call: the messages after it have the same
 * outcome, and are not changed. If the sync fails, every outcome that would be ST_OK is ST_UNKNOWN.
 * Returns how many are ST_OK. The lock is given back from time to time, so other sessions may see
 * some of the messages deleted and some not.
 */
size_t messages_delete_many(struct mailbox *mb, const uint32_t *ids, size_t n,
                            enum status *outcomes);

/*
 * A cache for doors (index_mail_bytes): the size in bytes of each of n messages as POP3 sends it.
 * messages_note_mail_bytes notes sizes, which may be forgotten at any time. messages_mail_bytes
 * sets bytes[i] to the size noted for ids[i]; 0: it is not known, or there is no such message. Its
 * failures are those of mailbox_lock; then all sizes are 0. Each takes the lock once, for all
 * messages.
 */
enum status messages_mail_bytes(struct mailbox *mb, const uint32_t *ids, uint64_t *bytes, size_t n);
void messages_note_mail_bytes(struct mailbox *mb, const uint32_t *ids, const uint64_t *bytes,
                              size_t n);

/*
 * Restores a message from the trash, as one that has been read; with the same statuses as
 * messages_delete. ST_NO_MESSAGE also once the message has been purged.
 */
enum status messages_restore(struct mailbox *mb, uint64_t id);

/*
 * Marks a message as MAIL_NORMAL or MAIL_UNREAD. As all read marks this is not synced.
 * ST_NO_MESSAGE: there is no such message, or it is deleted; ST_UNREADABLE: it is hidden.
 */
enum status messages_mark(struct mailbox *mb, uint64_t id, enum mail_state state);

/*
 * Marks those of the n messages as read that are unread. This is not synced, and failures are only
 * logged: the worst outcome is a message that is still unread.
 */
void messages_mark_read(struct mailbox *mb, const uint32_t *ids, size_t n);

#endif
