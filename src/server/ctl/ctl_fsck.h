/*
 * ctl_fsck: the verb fsck of pochtactl: fsck.h on the command line.
 */
#ifndef CTL_CTL_FSCK_H
#define CTL_CTL_FSCK_H

#include "ctl/options.h"

/* Returns the exit code, CTL_FINDINGS where there are findings. */
int ctl_fsck_run(const struct ctl_options *o);

#endif
