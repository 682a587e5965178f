/*
 * verbs: the commands of pochta for scripts, one connection each.
 */
#ifndef CLIENT_VERBS_H
#define CLIENT_VERBS_H

#include <stdio.h>

#include "client/call.h"
#include "client/options.h"

/* What a verb has in hand when its function runs. */
struct verbs_run {
    const char *const *args;
    bool raw;
    struct address_place place;
    const char *user;
    bool login; /* whether the verb needs one */
    struct secret password;
    struct secret invite; /* for a verb that takes one; empty: none */
    struct buf body;      /* standard input, for a verb that sends it */
    struct call call;
};

struct verbs_row {
    const char *name;
    unsigned min, max; /* how many arguments */
    unsigned flags;    /* enum verbs_flags */
    const char *usage; /* the arguments */
    const char *help;  /* in one line */
    enum error_code (*run)(struct verbs_run *run);
};

enum verbs_flags {
    VERBS_LOCAL = 1,    /* needs no server */
    VERBS_NO_LOGIN = 2, /* needs no login */
    VERBS_BODY = 4,     /* sends standard input */
    VERBS_RAW = 8,      /* knows --raw */
    VERBS_INVITE = 16   /* takes an invite */
};

/* Runs the command o->words[0]. Whatever fails has been said on standard error. */
enum error_code verbs_run(const struct options *o, const struct call_way *way);

/* Connects, anew if need be, and logs in. call_words(&run->call) says why not. */
enum reply_result verbs_dial(struct verbs_run *run);

/* Writes what can be given on the command line. */
enum error_code verbs_help(void);

#endif
