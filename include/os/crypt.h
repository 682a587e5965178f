/*
 * os_crypt: password hashes, crypt(3) with yescrypt. Safe for threads; each call costs about 20 ms
 * of processor time, so the caller bounds how many run at once.
 */
#ifndef OS_CRYPT_H
#define OS_CRYPT_H

#include <stdbool.h>
#include <stddef.h>

#define OS_CRYPT_HASH_BYTES 256 /* room for any hash, with its NUL */

/* Hashes a password with a fresh salt. False: the system cannot (errno). */
bool os_crypt_hash(const char *password, char hash[OS_CRYPT_HASH_BYTES]);

/*
 * Whether the password belongs to the hash, in a time that does not depend on where they differ.
 * hash NULL: the answer is false, at the cost of a true comparison.
 */
bool os_crypt_verify(const char *password, const char *hash);

/* Overwrites a secret where the compiler must not leave the writing out. */
void os_crypt_wipe(void *secret, size_t size);

#endif
