/*
 * session_private: what the modules of a session (session, request, answer, cmd_*) share.
 */
#ifndef SESSION_SESSION_PRIVATE_H
#define SESSION_SESSION_PRIVATE_H

#include "base/buf.h"
#include "proto/frame.h"
#include "proto/opcode.h"
#include "proto/status.h"
#include "session/session.h"
#include "store/message_file.h"
#include "store/snapshot.h"

#define SESSION_BASE_BYTES 8192 /* of the input buffer: every session has them */

struct session {
    const struct service *service;
    struct io *io;
    struct session_host *host;

    struct dialect dialect;
    bool logged_in;
    struct who who;       /* while logged_in */
    int64_t try_again_ms; /* how long the last password had to wait; 0: not at all */
    bool watching;
    struct watcher watcher; /* while watching */
    uint32_t announced;     /* messages up to this id were, or came before Watch */
    bool behind;            /* there are others that were known of and could not be yet */

    struct buf in;
    size_t taken;       /* bytes at the start of in that are done with; 0 while reading */
    size_t frame_bytes; /* of the request behind them, once it is whole */
    size_t frame_limit; /* of the one that is awaited, fixed when it begins */
    uint64_t skip;      /* how much of a refused frame is still to come; see request.c */
    uint64_t skipped;   /* how much of it has come and gone */
    size_t share;       /* of the service's memory, for what in has beyond SESSION_BASE_BYTES */
    uint64_t bytes_in, bytes_out;
    int64_t started_ms; /* when the session began */
    int64_t asked_ms;   /* when the request that is being done was there as a whole */
    int64_t heard_ms;   /* when the last byte came */
    int64_t begun_ms;   /* when the first byte of the frame that is awaited came */
    bool first_line;    /* nothing but CR and LF was consumed yet */

    struct buf out;     /* answers not yet written */
    uint64_t written;   /* bytes of this answer and of those written with it */
    int64_t write_ms;   /* how long that took */
    bool closing;       /* after this request, no other */
    bool broken;        /* nothing more can be written */
    const char *ending; /* once it is closing: why, a constant or valid to the end */
};

/* request: reading. */

enum request_result {
    REQUEST_READY,   /* a payload is there */
    REQUEST_REFUSED, /* one came for which there was no memory; it has been dropped */
    REQUEST_ENDED    /* no more will come; what there was to say has been said */
};

/*
 * Reads up to the end of one request. *payload points into s->in and dies at request_done, which
 * comes before the next call. Writes what is in s->out before it waits.
 */
enum request_result request_next(struct session *s, struct span *payload);
void request_done(struct session *s);

/* Undoes the escapes of an argument of the request in place, in version 2. False: they are wrong.
 */
bool request_unescape(struct session *s, struct span *arg);

/* What so many bytes take at the lowest rate that is allowed. */
int64_t request_slowest_ms(const struct session *s, uint64_t bytes);

/* answer: writing. All of them put a frame into s->out. */

void reply_yes(struct session *s);
void reply_text(struct session *s, const char *text); /* Yes and one argument */
void reply_noop(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Noop in the words of a status; after ST_UNKNOWN, Exit and the end. */
void reply_status(struct session *s, enum status st);

/* Noop in the words of ST_TOO_OFTEN: what is too often, and when it no longer is. */
void reply_too_often(struct session *s, const char *what, int64_t try_again_ms);

/* Exit with a reason, valid to the end, and the end. */
void reply_exit(struct session *s, const char *reason);

/* Writes out what has gathered. False: the connection is broken, nothing more will be written. */
bool reply_flush(struct session *s);

/* Writes out when much has gathered: for streams. */
bool reply_pour(struct session *s);

/* The end, for this reason, after what is in s->out. */
void reply_close(struct session *s, const char *reason);

/* Writes out what there is and drops the connection there, inside a frame perhaps. */
void reply_break(struct session *s, const char *reason);

/* tell: what the log is told. Who tells a request's outcome may add fields between begin and end.
 */

void session_log_begin(struct event *e, const char *name, enum event_level level, enum status st);
void session_log_end(struct session *s, struct event *e, enum status st);

/* The outcome of a request about an account. */
void session_log_account(struct session *s, const char *name, enum event_level level,
                         const char *user, enum status st);

/* What came cannot be understood, so that the session ends. */
void session_log_protocol(struct session *s, const char *reason);
void session_log_disconnect(struct session *s);

/* auth: passwords. */

struct account;

/*
 * ST_OK when the password is the one of the account, which who and *a then say; *a holds a secret.
 * Waits as long as guesses.h says, or answers ST_TOO_OFTEN and s->try_again_ms.
 */
enum status auth_check(struct session *s, const char *name, const char *password, struct who *who,
                       struct account *a);

/* Commands. arg[] is unescaped, but for the second argument of Send mes. */

typedef void session_command(struct session *s, const struct span *arg, size_t nargs);

#define SESSION_COMMAND(id, function, ...) session_command cmd_##function;
OPCODE_COMMANDS(SESSION_COMMAND)

/* Between answers: puts Mail frames for what has come into s->out, at most a hundred. */
void cmd_watch_push(struct session *s);

/* The end of Watch, if it is on. */
void cmd_watch_end(struct session *s);

/* wire: a message on its way out. */

#define WIRE_NUMBER_RULE "an id, or a count, is a decimal number"

/* The argument as a message's id, or as a count. False: it is none, and Noop has been answered. */
bool wire_id(struct session *s, struct span arg, uint64_t *id);

/* Puts the fields of a message that stand before its body into s->out. */
void wire_head(struct session *s, const struct mail *m);

/* The bytes of a message as an argument, | included: with its body, its first line, or no body. */
enum wire_body { WIRE_WHOLE, WIRE_LINE, WIRE_EMPTY };
uint64_t wire_bytes(const struct session *s, const struct mail *m, enum wire_body body);

#endif
