/* SPDX-License-Identifier: ISC */
/*
 * The work area of crypt(3) takes 32 KiB, too much for the small stacks of our threads. It is
 * allocated for each call, and wiped afterwards because it has contained the password.
 */
#include "os/crypt.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(OS_CRYPT_HASH_BYTES <= CRYPT_OUTPUT_SIZE, "crypt_rn ends its hashes within this");

/* Hashes with the salt and the cost in setting. */
static bool hash_as(const char *password, const char *setting, char hash[OS_CRYPT_HASH_BYTES])
{
    struct crypt_data *area = calloc(1, sizeof *area);
    if (!area)
        return false;

    const char *made = crypt_rn(password, setting, area, (int)sizeof *area);
    size_t n = made ? strlen(made) : OS_CRYPT_HASH_BYTES;
    bool ok = n < OS_CRYPT_HASH_BYTES;
    if (ok)
        memcpy(hash, made, n + 1);
    else if (made)
        errno = ERANGE;

    int saved = errno;
    os_crypt_wipe(area, sizeof *area);
    free(area);
    errno = saved;
    return ok;
}

static bool is_same(const char *a, const char *b, size_t n)
{
    unsigned char difference = 0;
    for (size_t i = 0; i < n; i++)
        difference |= (unsigned char)(a[i] ^ b[i]);
    return difference == 0;
}

bool os_crypt_hash(const char *password, char hash[OS_CRYPT_HASH_BYTES])
{
    char salt[CRYPT_GENSALT_OUTPUT_SIZE];
    return crypt_gensalt_rn("$y$", 0, NULL, 0, salt, sizeof salt) && hash_as(password, salt, hash);
}

/*
 * Without a hash to compare with, or with one that crypt(3) refuses, computes a new one, which
 * costs the same. crypt(3) does not tell whether it refuses a hash or is short of memory. If the
 * new one fails, too, there is no memory; if not, the first is tried again, for which there is
 * memory now.
 */
enum os_crypt_match os_crypt_verify(const char *password, const char *hash)
{
    char made[OS_CRYPT_HASH_BYTES];
    enum os_crypt_match match = OS_CRYPT_WRONG;
    bool ok = hash && hash_as(password, hash, made);
    if (!ok && !os_crypt_hash(password, made))
        match = OS_CRYPT_FAILED;
    else if (!ok)
        ok = hash && hash_as(password, hash, made);
    if (ok) {
        size_t n = strlen(hash);
        if (strlen(made) == n && is_same(made, hash, n))
            match = OS_CRYPT_RIGHT;
    }
    os_crypt_wipe(made, sizeof made);
    return match;
}
