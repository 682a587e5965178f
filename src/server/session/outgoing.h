/* SPDX-License-Identifier: ISC */
/*
 * outgoing: messages that a client sends: the limits of how many, their delivery, and what is
 * logged and counted of it. For the session's thread.
 *
 * A recipient may be a group (store/group.h). Then each member gets the message, with one token
 * each; against the sender's limits it counts once. Members are handled one after the other, and
 * those who have it by token are skipped: so a repeat completes what was interrupted, and stores
 * nothing twice. It is sent if at least one member has it. A letter from NAME_SERVER then tells
 * the sender which members could not receive it; the letter has a token, too. A sender without a
 * mailbox cannot be told, and the log has a warning.
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
    bool unlimited;      /* the sender is not a user, and has no limit */
    struct who to;       /* its generation may be "", and is that of a group */
    struct span body;    /* of at most limits.message_bytes */
    struct span token;   /* may be empty */
    struct delivery_as as;

    /*
     * Makes the token of a member of a group, by name. NULL: each member has the recipient's token.
     */
    void (*token_for)(const void *ctx, const char *name, char token[TOKEN_MAX + 1]);
    const void *ctx;

    /* Results. */
    struct mail stored;             /* as delivery_put_as has it; of a group: its first one */
    int64_t wait_ms;                /* for ST_TOO_OFTEN: when to try again */
    char rule[OUTGOING_RULE_BYTES]; /* and which limit was reached */
    struct mailbox *mb;             /* private: open until outgoing_end, unless it is a group */
    struct group *group;            /* private: the members until outgoing_end, or NULL */
    bool taken;                     /* private: the message is in it */
};

/* An unread message of now, from the session's user, without recipient, body and token. */
struct outgoing outgoing_new(const struct session *s, const char *request);

/*
 * Delivers a message: the statuses are those of delivery_put_as, ST_RESERVED for a recipient, or
 * a user who sends, whose name is reserved (name.h), and ST_TOO_OFTEN. Of a group: ST_OK if a
 * member has it, and otherwise why the first one does not; ST_UNKNOWN if one may have it, or if the
 * session must end before all were handled. A repeat is not counted against the limits. The caller
 * then answers, and calls outgoing_end.
 */
enum status outgoing_put(struct session *s, struct outgoing *o);

/*
 * If the token shows that a request repeats an earlier one, sets o->stored to that one's message,
 * logs that, and returns ST_OK, or ST_UNKNOWN if it may not be durable. Nothing else is checked: by
 * now the message to resend may be gone, and the sender may have reached the limit. ST_NO_MESSAGE:
 * it is not a repeat. A group: all members have it, or the sender has been told of the others.
 */
enum status outgoing_find_repeat(struct session *s, struct outgoing *o);

/*
 * Whether a message would be accepted now, as outgoing_put. It counts as a message does, even if it
 * finds nobody: names are not to be tried out.
 */
enum status outgoing_check(struct session *s, struct outgoing *o);

/* Takes back what outgoing_check has counted: the message itself follows, and counts. */
void outgoing_uncheck(struct session *s, const struct outgoing *o);

/*
 * After outgoing_put, whatever its result: sends a warning if the message has nearly filled its
 * mailbox. Sends s->out before that, since the sender need not wait for it.
 */
void outgoing_end(struct session *s, struct outgoing *o);

/* Logs an outcome: of a message of this many bytes that could not even be given to outgoing_put. */
void outgoing_log(struct session *s, const struct outgoing *o, uint64_t bytes, enum status st);

#endif
