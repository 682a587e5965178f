/* SPDX-License-Identifier: ISC */
/*
 * fsck: the verb fsck of pochtactl: runs store/fsck.h and prints what it finds.
 */
#ifndef CTL_FSCK_H
#define CTL_FSCK_H

#include "ctl/options.h"

/* Returns the exit code, CTL_FINDINGS if there are findings. */
int ctl_fsck(const struct ctl_options *o);

#endif
