/*
 * menu: the interactive client, as the report's listing shows it.
 */
#ifndef CLIENT_MENU_H
#define CLIENT_MENU_H

#include "client/call.h"
#include "client/options.h"
#include "proto/name.h"

struct menu {
    struct call call;
    struct address_place place;
    const char *preset; /* the user's name from the command line, or NULL */
    bool signed_in;
    char user[NAME_BYTES + 1]; /* who is signed in */
    struct buf line;           /* what was typed last */
    struct buf text;           /* what is being shown or sent */
    struct reply_watcher watcher;
    struct buf news;    /* lines on mail that came and was not told yet */
    unsigned more_news; /* letters that are not among them */
};

enum menu_next {
    MENU_ON,   /* show the items again */
    MENU_LOST, /* the connection is of no more use: call_words() say why */
    MENU_LEAVE /* the user is done, or the input has ended */
};

/* Runs until the user leaves. */
enum error_code menu_run(const struct options *o, const struct call_way *way);

/* --- for the actions behind the items --- */

/* Has the server tell of mail that comes to who has just signed in; one that cannot is no failure.
 */
enum reply_result menu_watch(struct menu *m);

/* Shows how an action ended, waits for a key. */
enum menu_next menu_done(const char *text);

/*
 * The same for one that was not carried out; the server's words follow the text. When the
 * connection is of no more use: MENU_LOST, nothing shown.
 */
enum menu_next menu_failed(struct menu *m, enum reply_result result, const char *text);

#endif
