/* SPDX-License-Identifier: ISC */
/*
 * batch: user add --batch FILE. The tool makes the accounts itself, also beside a server.
 */
#ifndef CTL_BATCH_H
#define CTL_BATCH_H

#include "ctl/options.h"

/*
 * Makes the accounts that the lines of the file o->batch ("-": of standard input) describe
 * (admin/batch_line.h), in groups. Hashes passwords on all cores. For each line that makes no
 * account it says why, and at the end how many accounts were added, existed already, and were
 * skipped. EX_OK: each line has its account, on stable storage; EX_DATAERR: some lines were
 * skipped; any other code: it stopped.
 */
int ctl_batch(const struct ctl_options *o);

#endif
