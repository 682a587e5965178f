/* SPDX-License-Identifier: ISC */
/*
 * verbs_run: one command of pochta while it runs: what it was given, and its connection. For one
 * thread.
 */
#ifndef CLIENT_VERBS_RUN_H
#define CLIENT_VERBS_RUN_H

#include "client/call.h"
#include "client/error.h"
#include "client/options.h"

enum verbs_flags {
    VERBS_LOCAL = 1,         /* needs no server */
    VERBS_NO_LOGIN = 2,      /* needs a server, but no login */
    VERBS_BODY = 4,          /* sends standard input, and connects itself */
    VERBS_RAW = 8,           /* accepts --raw */
    VERBS_INVITE = 16,       /* accepts an invite */
    VERBS_MORE = 32,         /* takes any number of arguments beyond the required ones */
    VERBS_NEW_PASSWORD = 64, /* accepts --new-password-file */
    VERBS_YES = 128,         /* accepts --yes */
    VERBS_JSON = 256,        /* accepts --json */
    VERBS_EXEC = 512,        /* accepts --exec */
    VERBS_FORMAT = 1024,     /* accepts --format */
    VERBS_DELETE = 2048,     /* accepts --delete */
    VERBS_EDIT = 4096        /* accepts --edit */
};

struct verbs_run {
    const struct options *options;
    const char *const *args;
    size_t nargs;
    bool raw, json;
    const char *server; /* as it was given */
    struct address_place place;
    const char *user;
    bool login; /* whether the verb needs one */
    struct secret password;
    struct secret invite; /* empty: none */
    struct call call;
};

/*
 * For a verb with these flags: checks the options, reads password and invite, and connects. If the
 * result is not ERROR_NONE, it has written an error message. The strings of o and way must outlive
 * the run. In every case the caller frees the run.
 */
enum error_code verbs_run_begin(struct verbs_run *run, const struct options *o, unsigned flags,
                                const struct call_way *way);

/*
 * For a verb that connects itself: sets the server and the user, which must stay as long as they
 * are used, gets the password, and connects. Fails like verbs_run_begin.
 */
enum error_code verbs_run_prepare(struct verbs_run *run, const char *server, const char *user);
enum error_code verbs_run_connect(struct verbs_run *run);

/* Hangs up, and wipes the secrets. */
void verbs_run_end(struct verbs_run *run);

/*
 * Connects, or connects again, and logs in. On failure call_words() says why; and
 * verbs_run_turned_away writes it to standard error and returns the exit code.
 */
enum reply_result verbs_run_dial(struct verbs_run *run);
enum error_code verbs_run_turned_away(struct verbs_run *run, enum reply_result result);

/* Writes "pochta: subject: reason" for a request that failed, and returns its exit code. */
enum error_code verbs_run_failed(struct verbs_run *run, const char *subject,
                                 enum reply_result result);

/* Sends a request whose answer has nothing to show. On failure as verbs_run_failed. */
enum error_code verbs_run_ask(struct verbs_run *run, const char *subject, enum opcode op,
                              const struct span *args, size_t nargs);

#endif
