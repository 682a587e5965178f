/* SPDX-License-Identifier: ISC */
/*
 * login_throttle: how long a client that may be guessing passwords has to wait. Safe for threads;
 * the time is passed in. A guess is a name with a password to be checked, right or wrong. The delay
 * does not depend on whether the name exists.
 *
 * The first wrong password costs a delay of login-delay; each further one doubles it, up to
 * login-delay-max. Delays are kept under three keys:
 *
 *   address           One address makes at most one guess per delay, over all its connections and
 *                     for all names. A guess that is let through uses up its turn beforehand, as
 *                     though it were wrong, so that fifty guesses at once gain nothing. (An address
 *                     without failures may have as many guesses under way as the server hashes at
 *                     once.)
 *   name and address  The same for one account. A right password clears it, because it shows that
 *                     the owner is there. It does not clear the address: otherwise guessers would
 *                     log in to an account of their own now and then.
 *   name              From any address. Nobody waits for a turn here, but each guess waits for the
 *                     delay, at most 1 s: no number of strangers can make an owner wait longer.
 * The delay of a name alone hardly slows guessers who have many addresses, but a longer one would
 * lock the owner out. The delays of the addresses limit such guessers.
 *
 * A name that was logged in to from an address within the last week is trusted there: only the
 * second key counts. So its owner waits neither for strangers elsewhere nor for someone behind the
 * same address (a proxy, a tunnel, a company) who tries other names, only for one who tries this
 * name.
 *
 * The same wrong password again, for the same name from the same address, does not raise the delay:
 * a forgotten client that retries for ever learns nothing new. Passwords are compared as 64-bit
 * hashes with a key of this process, which are useless to anyone else; a collision only means that
 * one doubling is skipped.
 *
 * Memory is bounded: the tables have a fixed size (base/recent.h). A key is kept for 60 times its
 * delay plus login-delay-max, so that guessers gain nothing by waiting until they are forgotten.
 * Keys with long delays outlive those with short ones. To push out their own key, guessers need
 * thousands of other addresses with delays as long, each after as many failures; guessing from
 * those addresses would be more useful to them.
 */
#ifndef SESSION_LOGIN_THROTTLE_H
#define SESSION_LOGIN_THROTTLE_H

#include "base/siphash.h"
#include "base/span.h"

#define LOGIN_THROTTLE_OWNER_MS 1000 /* the longest delay for a name alone */

struct login_throttle;

struct login_throttle_rule {
    int64_t first_ms; /* login-delay; 0: no delays at all */
    int64_t most_ms;  /* login-delay-max */
};

/* One guess, as hashes. */
struct guess {
    uint64_t address, pair, name, password;
    int64_t since_ms; /* when the client asked */
};

/* The key must be secret. NULL: out of memory. */
struct login_throttle *login_throttle_new(const unsigned char key[SIPHASH_KEY_BYTES]);
void login_throttle_free(struct login_throttle *t);

/* address: any bytes that stand for the client's address or its network. */
struct guess login_throttle_make(const struct login_throttle *t, struct span address,
                                 struct span name, struct span password, int64_t now_ms);

/* A hash of a guess's name and password and of one more text, for comparing. */
uint64_t login_throttle_hash(const struct login_throttle *t, const struct guess *guess,
                             struct span more);

/*
 * 0: check the password now, then call login_throttle_wrong or login_throttle_right. Otherwise ask
 * again after this many milliseconds.
 */
int64_t login_throttle_ask(struct login_throttle *t, struct login_throttle_rule rule,
                           const struct guess *guess, int64_t now_ms);

void login_throttle_wrong(struct login_throttle *t, struct login_throttle_rule rule,
                          const struct guess *guess, int64_t now_ms);
void login_throttle_right(struct login_throttle *t, const struct guess *guess, int64_t now_ms);

#endif
