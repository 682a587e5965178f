/* SPDX-License-Identifier: ISC */
/*
 * os_crypt: password hashes, crypt(3) with yescrypt. Thread-safe. A hash costs about 20 ms of
 * processor time, so the caller limits how many are computed at once.
 */
#ifndef OS_CRYPT_H
#define OS_CRYPT_H

#include <stdbool.h>
#include <stddef.h>

#define OS_CRYPT_HASH_BYTES 256 /* room for any hash, with its NUL */

/* Hashes a password with a new salt. Returns false and sets errno on failure. */
bool os_crypt_hash(const char *password, char hash[OS_CRYPT_HASH_BYTES]);

enum os_crypt_match {
    OS_CRYPT_RIGHT,
    OS_CRYPT_WRONG,
    OS_CRYPT_FAILED /* out of memory: nobody knows */
};

/*
 * Whether the password matches the hash. The time does not depend on where they differ. If hash is
 * NULL, it is wrong, after the same amount of work.
 */
enum os_crypt_match os_crypt_verify(const char *password, const char *hash);

/* Overwrites a secret, in a way that the compiler does not remove. May be NULL if size is 0. */
void os_crypt_wipe(void *secret, size_t size);

#endif
