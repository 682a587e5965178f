/* SPDX-License-Identifier: ISC */
/*
 * outgoing_private: what the parts of outgoing share: one mailbox, and the members of a group.
 */
#ifndef SESSION_OUTGOING_PRIVATE_H
#define SESSION_OUTGOING_PRIVATE_H

#include "session/outgoing.h"

/*
 * After a message is in a mailbox: tells those who watch it, and counts it if it was not there
 * before.
 */
void outgoing_note(struct session *s, const struct outgoing *o, const struct mailbox *mb,
                   bool repeat);

/* Logs the outcome for a member of a group. id 0: no message was stored. */
void outgoing_log_member(struct session *s, const struct outgoing *o, const char *member,
                         uint64_t id, enum status st);

/* Sends a warning to the user whose mailbox a delivery has nearly filled. */
void outgoing_warn(struct session *s, struct mailbox *mb);

/* Looks for a group with the name of the recipient, and sets o->group. ST_NO_USER: there is none.
 */
enum status outgoing_group_find(struct session *s, struct outgoing *o);

/* The parts of outgoing_put, outgoing_find_repeat, outgoing_check and outgoing_end for o->group. */
enum status outgoing_group_put(struct session *s, struct outgoing *o, bool *is_new);
enum status outgoing_group_find_repeat(struct session *s, struct outgoing *o);
enum status outgoing_group_check(struct session *s, struct outgoing *o);
void outgoing_group_end(struct session *s, struct outgoing *o);

#define OUTGOING_LEAST_BYTES 1 /* of a message that a check thinks of: one that says something */

#endif
