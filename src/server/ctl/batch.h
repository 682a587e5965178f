/* SPDX-License-Identifier: ISC */
/*
 * batch: user add --batch FILE. The tool makes the accounts itself, also beside a server.
 */
#ifndef CTL_BATCH_H
#define CTL_BATCH_H

#include "ctl/options.h"

/*
 * Makes the accounts that the lines of the file o->batch describe (admin/batch_line.h), "-": of
 * standard input, in groups. Hashes passwords on all cores. Says of each line that makes no account
 * why, and at the end how many accounts were added, were there already, and were skipped. EX_OK:
 * each line has its account, on stable storage; EX_DATAERR: some were skipped; else it has stopped.
 */
int ctl_batch(const struct ctl_options *o);

#endif
