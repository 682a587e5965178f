/* SPDX-License-Identifier: ISC */
#include "os/crypt.h"

#include <crypt.h>
#include <dlfcn.h>
#include <errno.h>
#include <time.h>

#include "random.h"
#include "tap.h"

static int shortages; /* how many calls still fail */
static bool too_long;

/* Stands before that of libcrypt, which needs 16 MiB for yescrypt. */
char *crypt_rn(const char *phrase, const char *setting, void *data, int size)
{
    char *(*real)(const char *, const char *, void *, int) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "crypt_rn");
    if (shortages > 0) {
        shortages--;
        return NULL;
    }
    if (too_long) {
        memset(data, 'x', CRYPT_OUTPUT_SIZE - 1);
        return data;
    }
    return real ? real(phrase, setting, data, size) : NULL;
}

static void test_hashes(void)
{
    char one[OS_CRYPT_HASH_BYTES];
    char two[OS_CRYPT_HASH_BYTES];

    ok(os_crypt_hash("secret", one) && os_crypt_hash("secret", two),
       "os_crypt_hash: two hashes of a password");
    ok(strncmp(one, "$y$", 3) == 0, "os_crypt_hash: uses yescrypt");
    ok(strcmp(one, two) != 0, "os_crypt_hash: uses a new salt each time");
    ok(os_crypt_verify("secret", one) == OS_CRYPT_RIGHT &&
           os_crypt_verify("secret", two) == OS_CRYPT_RIGHT,
       "os_crypt_verify: the password");
    ok(os_crypt_verify("Secret", one) == OS_CRYPT_WRONG, "os_crypt_verify: another password");
    ok(os_crypt_verify("", one) == OS_CRYPT_WRONG, "os_crypt_verify: an empty password");
    ok(os_crypt_verify("secret", NULL) == OS_CRYPT_WRONG, "os_crypt_verify: no hash");
    one[strlen(one) - 1] ^= 1;
    ok(os_crypt_verify("secret", one) == OS_CRYPT_WRONG, "os_crypt_verify: a changed hash");
}

static void test_malformed(void)
{
    static const char *const rows[] = {"", "*", "*0", "x", "$y$", "$y$j9T$", "secret", "$9$x$y"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ok(os_crypt_verify("secret", rows[i]) == OS_CRYPT_WRONG,
           "os_crypt_verify: the malformed hash \"%s\"", rows[i]);
}

/* The least processor time of a few comparisons: other work of the machine only adds to it. */
static clock_t cost(const char *hash)
{
    clock_t least = 0;

    for (int i = 0; i < 5; i++) {
        clock_t begin = clock();
        os_crypt_verify("wrong", hash);
        clock_t spent = clock() - begin;
        least = i == 0 || spent < least ? spent : least;
    }
    return least;
}

static void test_cost(void)
{
    char hash[OS_CRYPT_HASH_BYTES];

    os_crypt_hash("secret", hash);
    clock_t with = cost(hash);
    clock_t without = cost(NULL);
    ok(without > with / 2 && with > without / 2,
       "os_crypt_verify: without a hash the cost is the same (%ld, %ld)", (long)with,
       (long)without);
}

static void test_no_memory(void)
{
    char hash[OS_CRYPT_HASH_BYTES];

    os_crypt_hash("secret", hash);
    shortages = 100;
    ok(os_crypt_verify("secret", hash) == OS_CRYPT_FAILED &&
           os_crypt_verify("secret", NULL) == OS_CRYPT_FAILED,
       "os_crypt_verify: without memory, the password is neither right nor wrong");
    shortages = 0;
    ok(os_crypt_verify("secret", hash) == OS_CRYPT_RIGHT, "os_crypt_verify: later it is right");
    shortages = 1;
    ok(os_crypt_verify("secret", hash) == OS_CRYPT_RIGHT,
       "os_crypt_verify: memory that is short for a moment makes no password wrong");
}

static void test_too_long(void)
{
    char hash[OS_CRYPT_HASH_BYTES];

    too_long = true;
    ok(!os_crypt_hash("secret", hash) && errno == ERANGE,
       "os_crypt_hash: ERANGE for a hash that is longer than there is room");
    too_long = false;
}

static void test_wipe(void)
{
    char secret[] = "secret";
    os_crypt_wipe(secret, sizeof secret);
    ok(memcmp(secret, (char[sizeof secret]){0}, sizeof secret) == 0,
       "os_crypt_wipe: overwrites a secret");
}

int main(void)
{
    test_hashes();
    test_malformed();
    test_cost();
    test_no_memory();
    test_too_long();
    test_wipe();
    return done_testing();
}
