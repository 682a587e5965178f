#include "os/crypt.h"

#include <time.h>

#include "random.h"
#include "tap.h"

static void test_hashes(void)
{
    char one[OS_CRYPT_HASH_BYTES];
    char two[OS_CRYPT_HASH_BYTES];

    ok(os_crypt_hash("secret", one) && os_crypt_hash("secret", two), "two hashes");
    ok(strncmp(one, "$y$", 3) == 0, "are yescrypt");
    ok(strcmp(one, two) != 0, "with salts of their own");
    ok(os_crypt_verify("secret", one) && os_crypt_verify("secret", two), "the password");
    ok(!os_crypt_verify("Secret", one), "another one");
    ok(!os_crypt_verify("", one), "none");
    ok(!os_crypt_verify("secret", NULL), "no hash");
    one[strlen(one) - 1] ^= 1;
    ok(!os_crypt_verify("secret", one), "another hash");
}

static void test_malformed(void)
{
    static const char *const rows[] = {"", "*", "*0", "x", "$y$", "$y$j9T$", "secret", "$9$x$y"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ok(!os_crypt_verify("secret", rows[i]), "hash \"%s\"", rows[i]);
}

/* The least processor time of a few comparisons: what else the machine does only adds. */
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
    ok(without > with / 2 && with > without / 2, "no hash costs the same (%ld, %ld)", (long)with,
       (long)without);
}

static void test_wipe(void)
{
    char secret[] = "secret";
    os_crypt_wipe(secret, sizeof secret);
    ok(memcmp(secret, (char[sizeof secret]){0}, sizeof secret) == 0, "wiped");
}

int main(void)
{
    test_hashes();
    test_malformed();
    test_cost();
    test_wipe();
    return done_testing();
}
