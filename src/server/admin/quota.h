/* SPDX-License-Identifier: ISC */
/*
 * quota: parses a limit on a mailbox, as an administrator writes it. Pure.
 */
#ifndef ADMIN_QUOTA_H
#define ADMIN_QUOTA_H

#include "base/span.h"

#define QUOTA_RULE "a quota (10000, 64K, 10M, 1G; 0: no limit; -: the server's default)"

/*
 * Reads a number with K, M or G, or "-": ACCOUNT_QUOTA_STANDARD. False: it is not a quota, and
 * *quota is not set.
 */
bool quota_parse(struct span text, uint64_t *quota);

#endif
