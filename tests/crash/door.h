/* SPDX-License-Identifier: ISC */
/*
 * door: a connection on which a client of a campaign speaks as a mail program does: in lines. For
 * one thread.
 *
 * The results are those of a link: REPLY_OK; REPLY_NOOP: refused, and door_words says how;
 * REPLY_EXIT: the server ends the session; REPLY_LOST and REPLY_TIMEOUT.
 */
#ifndef DOOR_H
#define DOOR_H

#include "client/reply.h"
#include "transport/socket_io.h"

struct door {
    struct socket_io net;
    struct buf in;
    size_t taken; /* of in: lines that were read */
    struct buf out;
    char words[200]; /* the last answer that was not a good one */
    int64_t idle_ms;
};

/* Connects to a port of this machine. False: nobody listens. It is then nothing to be hung up. */
bool door_dial(struct door *d, unsigned port, int64_t idle_ms);
void door_hang_up(struct door *d);

/* Sends a line, CR LF added; or sends bytes. */
enum reply_result door_say(struct door *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum reply_result door_write(struct door *d, struct span bytes);

/* Reads a line, without CR LF. It is valid until the next call. */
enum reply_result door_line(struct door *d, struct span *line);

/* Reads an answer of SMTP: REPLY_OK for the codes 2xx and 3xx. line: its last one. */
enum reply_result door_code(struct door *d, struct span *line);

/* Reads the first line of an answer of POP3: REPLY_OK for +OK. */
enum reply_result door_ok(struct door *d, struct span *line);

/* Says a line, and hears the answer to it. */
enum reply_result door_ask_code(struct door *d, const char *line);
enum reply_result door_ask_ok(struct door *d, const char *line);

/* Sends a text of CR LF lines as SMTP has it, with its end. */
enum reply_result door_send_text(struct door *d, struct span text);

/* Reads what follows the first line of an answer of POP3, up to its end. */
enum reply_result door_read_text(struct door *d, struct buf *text);

#endif
