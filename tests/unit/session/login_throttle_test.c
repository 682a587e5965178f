/* SPDX-License-Identifier: ISC */
#include "session/login_throttle.h"

#include <pthread.h>
#include <stdatomic.h>

#include "random.h"
#include "tap.h"

static const unsigned char key[SIPHASH_KEY_BYTES] = "0123456789abcde";
static const struct login_throttle_rule rule = {200, 10000};

static struct login_throttle *g;
static int64_t now = 1000;

static struct guess guess(const char *address, const char *name, const char *password)
{
    return login_throttle_make(g, span_str(address), span_str(name), span_str(password), now);
}

/* How long this one waits; then it is looked at, and is right or wrong. */
static int64_t waits(struct guess what, bool right)
{
    int64_t wait, asked = now;

    while ((wait = login_throttle_ask(g, rule, &what, now)) > 0)
        now += wait;
    if (right)
        login_throttle_right(g, &what, now);
    else
        login_throttle_wrong(g, rule, &what, now);
    return now - asked;
}

static int64_t wrong(const char *address, const char *name, const char *password)
{
    return waits(guess(address, name, password), false);
}

static int64_t right(const char *address, const char *name)
{
    return waits(guess(address, name, "right"), true);
}

/* How long it would wait. */
static int64_t would_wait(const char *address, const char *name)
{
    struct guess what = guess(address, name, "right");
    int64_t began = now, wait;

    while ((wait = login_throttle_ask(g, rule, &what, now)) > 0)
        now += wait;
    wait = now - began;
    now = began;
    return wait;
}

static int64_t many_wrong(const char *address, const char *name, int n)
{
    int64_t began = now;

    for (int i = 0; i < n; i++) {
        char password[16];

        snprintf(password, sizeof password, "%d", i);
        wrong(address, name, password);
    }
    return now - began;
}

static void forget_all(void)
{
    login_throttle_free(g);
    g = login_throttle_new(key);
    now = 1000;
}

static void test_growth(void)
{
    static const int want[] = {0, 200, 400, 800, 1600, 3200, 6400, 10000, 10000};

    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        char password[2] = {(char)('a' + i), '\0'}, name[2] = {(char)('k' + i), '\0'};

        is_int(wrong("a", i % 2 ? "ann" : name, password), want[i], "failure %zu waits", i + 1);
    }
    now += 610000;
    is_int(wrong("a", "ann", "z"), 0, "failures are forgotten after a while");
    forget_all();
    is_int(many_wrong("a", "ann", 100000) / 1000, 999942, "100,000 guesses take 10 s each");
}

static void test_same_password(void)
{
    forget_all();
    wrong("a", "ann", "old");
    for (int i = 0; i < 1000; i++)
        if (wrong("a", "ann", "old") != 200)
            ok(false, "try %d", i);
    is_int(wrong("a", "ann", "new"), 200, "the same wrong password does not raise the delay");
    is_int(wrong("a", "ann", "old"), 400, "another wrong password raises the delay");
    is_int(wrong("a", "bob", "old"), 800,
           "the same password for another account counts as another");
    is_int(wrong("a", "bob", "old"), 1600, "... and raises the delay");
    is_int(wrong("a", "bob", "old"), 1600, "... once");
}

static void test_success(void)
{
    forget_all();
    many_wrong("a", "ann", 4);
    is_int(right("a", "ann"), 1600, "the right password is delayed like a wrong one");
    is_int(right("a", "ann"), 0, "after a success there is no delay");
    is_int(wrong("a", "ann", "x"), 0, "the first failure after a success");
    is_int(right("a", "ann"), 200, "... is delayed like the first ever");
    is_int(wrong("a", "bob", "x"), 3000, "a success does not clear the failures of the address");
    is_int(wrong("a", "bob", "y"), 6400, "... they are remembered");
    forget_all();
    for (int i = 0; i < 20; i++) {
        right("a", "eve");
        wrong("a", "ann", i % 2 ? "x" : "y");
    }
    is_int(would_wait("a", "ann"), 10000, "a success with an own account does not help a guesser");
}

static void test_owner(void)
{
    forget_all();
    right("home", "ann");
    right("office", "bob");
    for (int i = 0; i < 1000; i++) {
        char address[16];

        snprintf(address, sizeof address, "%d", i);
        many_wrong(address, "ann", 8);
    }
    is_int(would_wait("home", "ann"), 0, "a user at a known address is not delayed by strangers");
    is_int(would_wait("new", "ann"), LOGIN_THROTTLE_OWNER_MS,
           "a user at a new address is delayed for a short time");
    is_int(would_wait("new", "zoe"), 0, "other names are not delayed");
    many_wrong("office", "ann", 20);
    is_int(would_wait("office", "bob"), 0, "a user at the guesser's address is not delayed");
    ok(would_wait("office", "ann") > 1000, "... while the guesser is, with another name");
    many_wrong("office", "bob", 20);
    is_int(would_wait("office", "bob"), 10000,
           "a user who tries the guessed name there is delayed");
    is_int(would_wait("elsewhere", "bob"), LOGIN_THROTTLE_OWNER_MS, "... at that address only");
}

/* Fifty at once, each asking again when it is told to: how many are let through in a minute. */
static void test_parallel(void)
{
    struct guess at_once[50];
    int64_t ask_ms[50] = {0}, end;
    int tried = 0;

    forget_all();
    many_wrong("a", "ann", 1);
    for (int i = 0; i < 50; i++) {
        char text[16];

        snprintf(text, sizeof text, "n%d", i);
        at_once[i] = guess("a", text, text);
    }
    now += 1000;
    for (int i = 0; i < 50; i++)
        tried += login_throttle_ask(g, rule, &at_once[i], now) == 0;
    is_int(tried, 1, "of fifty logins at once one is tried until its result is known");
    for (end = now + 60000; now < end; now++)
        for (int i = 0; i < 50; i++) {
            int64_t wait = now < ask_ms[i] ? 1 : login_throttle_ask(g, rule, &at_once[i], now);

            if (wait > 0) {
                ask_ms[i] = now < ask_ms[i] ? ask_ms[i] : now + wait;
                continue;
            }
            tried++;
            at_once[i].password++;
            login_throttle_wrong(g, rule, &at_once[i], now);
        }
    ok(tried <= 12, "fifty at once try %d times a minute", tried);
}

static void test_flood(void)
{
    char address[24];

    forget_all();
    right("home", "ann");
    many_wrong("evil", "ann", 8);
    for (int i = 0; i < 100000; i++) {
        struct guess what;

        snprintf(address, sizeof address, "%" PRIu64, random_below(UINT64_MAX));
        what = guess(address, address + 1, address + 2);
        login_throttle_wrong(g, rule, &what, now);
    }
    is_int(would_wait("evil", "ann"), 10000, "100,000 others fail: a guesser is not forgotten");
    is_int(would_wait("evil", "zoe"), 20000, "many failures: the guesser's address is remembered");
    is_int(would_wait("home", "ann"), 0, "many failures: the owner's address is remembered");
    is_int(wrong("late", "bob", "x"), 0, "one more failure");
    is_int(wrong("late", "bob", "y"), 200, "... is still remembered");
    if (tap.failed)
        random_diag();
}

static void test_off(void)
{
    const struct login_throttle_rule off = {0, 10000}, low = {500, 300};
    struct guess what = guess("b", "bob", "x");

    for (int i = 0; i < 10; i++)
        login_throttle_wrong(g, off, &what, now);
    is_int(login_throttle_ask(g, off, &what, now), 0, "with login-delay 0 there are no delays");
    login_throttle_wrong(g, low, &what, now);
    is_int(login_throttle_ask(g, low, &what, now), 300,
           "login-delay-max may be shorter than login-delay");
}

static void *guess_on(void *arg)
{
    atomic_int *tried = arg;

    for (int i = 0; i < 2000; i++) {
        struct guess what = login_throttle_make(g, SPAN("p"), SPAN("ann"), SPAN("x"), 0);

        what.password = (uint64_t)i;
        if (login_throttle_ask(g, rule, &what, 5000) > 0)
            continue;
        atomic_fetch_add(tried, 1);
        login_throttle_wrong(g, rule, &what, 5000);
        if (i % 100 == 0)
            login_throttle_right(g, &what, 5000);
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[4];
    atomic_int tried = 0;

    forget_all();
    many_wrong("p", "ann", 1);
    now = 5000;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, guess_on, &tried);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ok(tried >= 1 && tried <= 8, "threads take turns: %d", tried);
}

int main(void)
{
    random_begin();
    g = login_throttle_new(key);
    test_growth();
    test_same_password();
    test_success();
    test_owner();
    test_parallel();
    test_flood();
    test_off();
    test_threads();
    login_throttle_free(g);
    return done_testing();
}
