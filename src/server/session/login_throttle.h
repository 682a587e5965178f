/*
 * guesses: how long those who may be guessing passwords have to wait. Safe for threads; the time is
 * handed in. A guess is a name with a password that is to be looked at, right or wrong; what is
 * said here does not depend on whether the name exists.
 *
 * The delay is login-delay after the first wrong password, twice as long after each other one, up
 * to login-delay-max. It is kept for three keys:
 *
 *   address           Who tries from one address, on whatever connections and under whatever
 *                     names, tries at most once each delay: one that is let through takes its turn
 *                     beforehand, as though it were wrong, so that fifty at once gain nothing.
 *                     (Of an address without a failure as many can be under way as hash at once.)
 *   name and address  The same for one account alone. It is forgotten when the password is right:
 *                     then the owner is there. This does not forget what the address did, or a
 *                     guesser would log in to an account of his own in between.
 *   name              From wherever. Here nobody waits for a turn, but each for the delay, and for
 *                     1 s at most: strangers can make an owner wait no longer than that, however
 *                     many they are. Against many addresses this is little, and more could not be
 *                     had without locking the owner out; the addresses' delays bound those.
 *
 * A name that has been logged in to from an address within a week is trusted there: only the second
 * key counts. So neither strangers elsewhere nor one behind the same address (a proxy, a tunnel,
 * a company) who tries other names make its owner wait; one behind it who tries this name does.
 *
 * The same wrong password again, for the same name from the same address, does not raise a delay: a
 * forgotten client that tries for ever tells a guesser nothing new. Passwords are compared as
 * hashes with a key of this process, of 64 bits, which are of no use to anyone else; a collision
 * spares someone one doubling.
 *
 * What is kept is bounded: so many keys, see recent.h, each for 60 times its delay and
 * login-delay-max, so that waiting until all is forgotten is slower than guessing on. Keys with a
 * longer delay outlive those with a shorter: to lose his own, a guesser needs thousands of other
 * addresses with delays as long, each earned by as many failures; and they would serve him better.
 */
#ifndef SESSION_LOGIN_THROTTLE_H
#define SESSION_LOGIN_THROTTLE_H

#include "base/siphash.h"
#include "base/span.h"

#define LOGIN_THROTTLE_OWNER_MS 1000 /* the longest delay for a name alone */

struct login_throttle;

struct login_throttle_rule {
    int64_t first_ms; /* 0: there are no delays */
    int64_t most_ms;
};

/* One guess, as hashes. */
struct guess {
    uint64_t address, pair, name, password;
    int64_t since_ms; /* when it was asked for */
};

/* NULL: out of memory. */
struct login_throttle *login_throttle_new(const unsigned char key[SIPHASH_KEY_BYTES]);
void login_throttle_free(struct login_throttle *g);

/* The address is any bytes that stand for it, or for its network. */
struct guess login_throttle_make(const struct login_throttle *g, struct span address,
                                 struct span name, struct span password, int64_t now_ms);

/*
 * 0: the password may be looked at now; then one of the other two is to be called. Else ask again
 * after so many milliseconds.
 */
int64_t login_throttle_ask(struct login_throttle *g, struct login_throttle_rule rule,
                           const struct guess *guess, int64_t now_ms);

void login_throttle_wrong(struct login_throttle *g, struct login_throttle_rule rule,
                          const struct guess *guess, int64_t now_ms);
void login_throttle_right(struct login_throttle *g, const struct guess *guess, int64_t now_ms);

#endif
