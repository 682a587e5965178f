/* SPDX-License-Identifier: ISC */
/*
 * hashing: hashes the passwords of many accounts on all cores. For one thread.
 */
#ifndef CTL_HASHING_H
#define CTL_HASHING_H

#include "store/account.h"

/*
 * Puts in place of each password in group[i].account.hash, of the n accounts those for which
 * plain[i] is true, its hash, with this many threads at most. False: one could not be hashed.
 */
bool hashing_run(struct account_new *group, const bool *plain, size_t n, unsigned threads);

#endif
