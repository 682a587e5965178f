/* SPDX-License-Identifier: ISC */
/*
 * pop3_private: a session of POP3, and the functions that carry out its commands. For the session's
 * thread.
 */
#ifndef DOORS_POP3_PRIVATE_H
#define DOORS_POP3_PRIVATE_H

#include "doors/pop3_command.h"
#include "doors/pop3_maildrop.h"
#include "doors/sasl.h"
#include "proto/status.h"
#include "session/state.h"

struct pop3 {
    struct session s;
    struct pop3_maildrop drop; /* while logged in */
    char user[SASL_BYTES];     /* the argument of the last USER, as it came */
    size_t user_bytes;         /* 0: there was no USER since the last attempt to log in */
    bool responding;           /* the next line is the response of AUTH PLAIN */
    unsigned refused;          /* lines in a row that are no commands, before login */
};

/*
 * Carries out one command, and puts one answer into p->s.out. The caller has checked that the
 * command is allowed now, and how many arguments it has.
 */
typedef void pop3_function(struct pop3 *p, const struct pop3_command *c);

#define POP3_FUNCTION(id, function, ...) pop3_function pop3_##function;
POP3_COMMANDS(POP3_FUNCTION)
#undef POP3_FUNCTION

/* Answers +OK and a text, formatted as by printf. */
void pop3_ok(struct pop3 *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Answers +OK and how many messages are not marked as deleted. */
void pop3_ok_count(struct pop3 *p);

/* Answers -ERR, a code and a text. code: a response code (RFC 2449, section 8; RFC 3206) and a
 * space, or "". */
void pop3_refuse(struct pop3 *p, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The response code for a status, with its space, or "". Pure. */
const char *pop3_code(enum status st);

/* Answers -ERR and the text of a status. After ST_UNKNOWN the session ends. */
void pop3_refuse_status(struct pop3 *p, enum status st);

/* Logs in with the response of AUTH PLAIN, in base64 (RFC 5034, section 4), and answers. */
void pop3_respond(struct pop3 *p, struct span line);

/*
 * Sets *index to the position in p->drop of the message with this number. False: there is no such
 * message, or it is marked as deleted; this has been answered.
 */
bool pop3_find(struct pop3 *p, struct span number, size_t *index);

#endif
