/*
 * store: the directory that holds all mail.
 *
 *     DIR/lock            see lock.h
 *     DIR/users/NAME/     one account: the file "account", and a file for each message (mail.h)
 *     DIR/new/            accounts being made
 *     DIR/removed/        deleted accounts, until their files are gone
 *
 * What is answered ST_OK is on stable storage. How, and what a crash can leave: docs/store.md.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>

#include "name.h"

#define STORE_GENERATION_DIGITS 16

struct store;

/*
 * A user: the name, and which of the accounts that had this name one after the other. Whoever is
 * logged in holds one, so that a deleted and newly registered name is a stranger's.
 */
struct who {
    char name[NAME_BYTES + 1];
    char generation[STORE_GENERATION_DIGITS + 1]; /* "": whichever there is now */
};

/* Told of damage and failures: one line of text. May be called by any thread, with locks held. */
struct store_events {
    void (*trouble)(void *ctx, const char *text);
    void *ctx;
};

/*
 * Opens the store at path, making what is missing of it. server: takes it for itself among servers,
 * and clears away what a crash has left. NULL: *why says in words what failed, errno perhaps too.
 */
struct store *store_open(const char *path, bool server, struct store_events events,
                         const char **why);

/* All mailboxes are closed. */
void store_close(struct store *s);

/* Removes the files of deleted accounts. Slow; for a thread that nobody waits for. */
void store_clean(struct store *s);

#endif
