/* SPDX-License-Identifier: ISC */
/*
 * menu_session: what the items of the menu share: the connection, who is signed in, the news of
 * mail that arrives. For one thread.
 */
#ifndef CLIENT_MENU_SESSION_H
#define CLIENT_MENU_SESSION_H

#include "client/call.h"
#include "client/listing.h"
#include "client/options.h"
#include "client/prompt.h"
#include "client/state.h"
#include "proto/name.h"

struct menu {
    struct call call;
    struct address_place place;
    const struct settings *set;
    bool signed_in;
    char user[NAME_BYTES + 1]; /* the user who is signed in */
    struct secret password;    /* of that user, to sign in again after a lost connection */
    struct state_dir drafts;   /* letters that were not sent; fd -1: not opened yet, or unusable */
    struct buf line;           /* the line typed last */
    struct buf text;           /* the text to show or send */
    struct reply_watcher watcher;
    struct prompt_meanwhile meanwhile;
    struct listing arrived; /* new mail that was not announced yet */
    struct listing_taker news_taker;
    struct buf news;    /* lines about it */
    unsigned more_news; /* how many messages did not fit into it */
};

enum menu_next {
    MENU_ON,   /* show the items again */
    MENU_LOST, /* the connection cannot be used any more: call_words() says why */
    MENU_LEAVE /* the user leaves, or the input has ended */
};

/* Does not connect. way as for call_init(). */
void menu_init(struct menu *m, const struct options *o, const struct call_way *way);
void menu_free(struct menu *m);

/*
 * Connects to m->place if ask is false, otherwise asks for a server first. Both functions offer
 * another attempt until one succeeds (MENU_ON) or the user declines (MENU_LEAVE).
 */
enum menu_next menu_connect(struct menu *m, bool ask);

/* Says why the connection was lost, then offers to connect again. */
enum menu_next menu_reconnect(struct menu *m);

/*
 * Signs the user in, and asks for news of mail. name: as it was typed; *password stays the
 * caller's. After REPLY_OK m->user is signed in.
 */
enum reply_result menu_sign_in(struct menu *m, struct span name, const struct secret *password);

/* Notes that nobody is signed in now. */
void menu_signed_out(struct menu *m);

/*
 * Connects again and signs the same user in again, without asking. ctx is a struct menu. On failure
 * nobody is signed in, and call_words() says why.
 */
enum reply_result menu_sign_in_again(void *ctx);

/* The server's reason, safe to show: in m->text. */
struct span menu_words(struct menu *m);

/* Asks the server to announce new mail to the user. A server that cannot is not an error. */
enum reply_result menu_watch(struct menu *m);

/* Prints the news since the last call. */
void menu_print_news(struct menu *m);

/* Shows how an action ended, and waits for a key. */
enum menu_next menu_done(const char *text);

/* Only waits for a key. */
enum menu_next menu_pause(void);

/*
 * Shows text and the server's reason after REPLY_NOOP, and waits for a key. After any other result
 * it shows nothing and returns MENU_LOST.
 */
enum menu_next menu_failed(struct menu *m, enum reply_result result, const char *text);

#endif
