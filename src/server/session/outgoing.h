/* SPDX-License-Identifier: ISC */
/*
 * outgoing: messages that a client sends: the sender's limits, delivery, the log and the counters.
 * For the session's thread.
 *
 * A recipient may be a group (store/group.h). Then each member gets the message, with a token of
 * their own; against the sender's limits it counts once. A repeat skips the members who have a
 * message with their token, so it completes what was interrupted, and stores nothing twice. The
 * message counts as sent if at least one member has it. A letter from NAME_SERVER then tells the
 * sender which members could not receive it; the letter has a token, too.
 *
 * A sender from outside has no mailbox, and cannot be told. So a message from there counts as sent
 * only if all members who have an account have it; until then, the other mail server sends it
 * again. The log has a warning about the members who have none.
 */
#ifndef SESSION_OUTGOING_H
#define SESSION_OUTGOING_H

#include "session/state.h"
#include "store/delivery.h"
#include "store/group.h"

#define OUTGOING_RULE_BYTES 64

struct outgoing {
    const char *request; /* as the log calls it */
    const char *from;    /* the sender; must pass name_fold */
    bool unlimited;      /* the sender is not a user: has no limit, and no mailbox */
    struct who to;       /* generation "": any account, or else a group, of this name */
    struct span body;    /* of at most limits.message_bytes */
    struct span token;   /* may be empty */
    struct delivery_as as;

    /*
     * Makes the token of a member of a group, by name. NULL: each member's token is `token`.
     */
    void (*token_for)(const void *ctx, const char *name, char token[TOKEN_MAX + 1]);
    const void *ctx;

    /* Results. */
    struct mail stored;             /* as delivery_put_as has it; for a group, the first member's */
    bool repeat;                    /* with ST_OK: nothing was stored, since it was there before */
    int64_t wait_ms;                /* for ST_TOO_OFTEN: when to try again */
    char rule[OUTGOING_RULE_BYTES]; /* and which limit was reached */
    struct mailbox *mb;             /* private: open until outgoing_end, unless it is a group */
    struct group *group;            /* private: the members until outgoing_end, or NULL */
    bool taken;                     /* private: the message is in mb, or a member has it */
};

/* A new unread message with the present time, from the session's user. Recipient, body and token
 * are empty. */
struct outgoing outgoing_new(const struct session *s, const char *request);

/*
 * Delivers a message. The statuses are those of delivery_put_as; ST_TOO_OFTEN; and ST_RESERVED: the
 * name of the recipient, or of the user who sends, is reserved (name.h). For a group: ST_OK if the
 * message counts as sent, otherwise the status of the first member who has an account and not the
 * message; ST_NO_MEMBERS if no member has an account; ST_UNKNOWN if a member may have it, or if the
 * session must end before all members were tried. A repeat does not count against the limits. The
 * caller then answers, and calls outgoing_end.
 */
enum status outgoing_put(struct session *s, struct outgoing *o);

/*
 * If the token shows that a request repeats an earlier one, sets o->stored to the message of that
 * request, logs the repeat, and returns ST_OK, or ST_UNKNOWN if the message may not be durable.
 * Nothing else is checked: by now the message to resend may be gone, and the sender may have
 * reached the limit. ST_NO_MESSAGE: it is not a repeat. For a group, it is a repeat if each member
 * has the message, or the sender has been told that this member could not receive it.
 */
enum status outgoing_find_repeat(struct session *s, struct outgoing *o);

/*
 * Whether a message would be accepted now; the statuses are those of outgoing_put. It counts
 * against the limits as a message does, even if there is no such user: otherwise clients could try
 * out names.
 */
enum status outgoing_check(struct session *s, struct outgoing *o);

/* Takes back what outgoing_check has counted, before outgoing_put counts the message itself. */
void outgoing_uncheck(struct session *s, const struct outgoing *o);

/*
 * After outgoing_put, whatever its result: sends a warning if the message has nearly filled its
 * mailbox. Sends s->out before that, since the sender need not wait for it.
 */
void outgoing_end(struct session *s, struct outgoing *o);

/* Logs the outcome for a message that was not stored. bytes: of its body. */
void outgoing_log(struct session *s, const struct outgoing *o, uint64_t bytes, enum status st);

#endif
