/* SPDX-License-Identifier: ISC */
/*
 * hashing: hashes the passwords of many accounts on all cores. For one thread.
 */
#ifndef CTL_HASHING_H
#define CTL_HASHING_H

#include "store/account.h"

/*
 * Replaces the password in group[i].account.hash by its hash, for those of the n accounts for which
 * plain[i] is true. Uses at most this many threads. False: one could not be hashed.
 */
bool hashing_run(struct account_new *group, const bool *plain, size_t n, unsigned threads);

#endif
