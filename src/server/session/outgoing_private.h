/* SPDX-License-Identifier: ISC */
/*
 * outgoing_private: what the two parts of outgoing share: outgoing.c delivers into one mailbox,
 * outgoing_group.c to the members of a group.
 */
#ifndef SESSION_OUTGOING_PRIVATE_H
#define SESSION_OUTGOING_PRIVATE_H

#include "session/outgoing.h"

/*
 * To be called when a message is in a mailbox: wakes the sessions that watch it, and counts the
 * message unless it is a repeat.
 */
void outgoing_note(struct session *s, const struct outgoing *o, const struct mailbox *mb,
                   bool repeat);

/* Logs the outcome for a member of a group. */
void outgoing_log_member(struct session *s, const struct outgoing *o, const char *member,
                         const struct delivery_one *one);

/* Sends a warning to the user whose mailbox a delivery has nearly filled. */
void outgoing_warn(struct session *s, struct mailbox *mb);

/* Looks for a group with the recipient's name, and sets o->group. ST_NO_USER: no group has this
 * name. */
enum status outgoing_group_find(struct session *s, struct outgoing *o);

/* The parts of outgoing_put, outgoing_find_repeat, outgoing_check and outgoing_end for o->group. */
enum status outgoing_group_put(struct session *s, struct outgoing *o, bool *is_new);
enum status outgoing_group_find_repeat(struct session *s, struct outgoing *o);
enum status outgoing_group_check(struct session *s, struct outgoing *o);
void outgoing_group_end(struct session *s, struct outgoing *o);

#define OUTGOING_LEAST_BYTES 1 /* the size of the message that outgoing_check asks about */

#endif
