/*
 * admin: what an administrator asks of the accounts and invites of a store. One table of verbs,
 * which pochtactl runs on the store itself, or the server runs for it. Safe for threads.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "base/buf.h"
#include "base/span.h"
#include "os/crypt.h"
#include "store/store.h"

#define ADMIN_ARGS_MAX 3

enum admin_flags {
    ADMIN_PASSWORD = 1, /* the second argument is one; it is never given on a command line */
    ADMIN_USER = 2,     /* the first argument, if there is one, is a user's name */
    ADMIN_QUERY = 4,    /* it only tells, and may be asked again and again */
    /* The options of pochtactl that mean something to the verb. */
    ADMIN_PROMETHEUS = 8,
    ADMIN_REPAIR = 16,
    ADMIN_CONFIG = 32,
    ADMIN_JSON = 64 /* every verb with columns */
};

/* A verb as the administrator types it: one word or two. Rows stand in no special order. */
struct admin_verb {
    const char *name;
    unsigned min, max;   /* how many arguments, a password counted in */
    unsigned flags;      /* enum admin_flags */
    const char *args;    /* as in a usage line */
    const char *help;    /* in one line */
    const char *columns; /* of each row of the answer, set off by tabs; "" for none */
};

/* What a verb works on. */
struct admin {
    struct store *store;

    /* Hashes a password as os_crypt_hash does, beside others that are hashed. NULL: there are none.
     */
    bool (*hash)(void *ctx, const char *password, char hash[OS_CRYPT_HASH_BYTES]);

    /* Sessions of an account are to end, with this reason. NULL: there are none. */
    void (*end_sessions)(void *ctx, const struct who *who, const char *reason);
    void *ctx;

    /* Deleted accounts may be too many now. NULL: nobody looks. */
    void (*deleted)(void *ctx);
};

/* The exit codes of sysexits.h that a verb can have; 0: done. */
struct admin_answer {
    int code;
    struct buf
        text; /* rows, each ended by LF, columns set off by tabs; else what is wrong, in words */
};

/* The i-th verb, or NULL after the last. The table is constant. */
const struct admin_verb *admin_verb(size_t i);

/* Runs a verb of the table. The answer is the caller's, to be freed by buf_free. */
void admin_run(const struct admin *a, const struct admin_verb *verb, const struct span *args,
               size_t nargs, struct admin_answer *answer);

#endif
